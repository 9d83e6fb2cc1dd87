import { type Exchange, learn } from "./exchange.ts";
import type { Datum, Edits } from "./output.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Adjust, Answer, Ask, Facts, Final, Kind, Verdict, Wants } from "./verdict.ts";

/** One pure step of the decision. Its function's name is its name in traces, metrics and `explain`. */
export type Policy = (exchange: Exchange, snapshot: Snapshot) => Verdict;

/** The one way out of core. A fact already in memory comes back bare; a promise is a wait, and rejects with Outage. */
export type Oracle = <K extends Kind>(ask: Ask<K>, exchange: Exchange) => Facts[K] | Promise<Facts[K]>;

/** What the whole list of policies says. */
export interface Decision {
  readonly snapshot: Snapshot; // the one the exchange began with
  readonly exchange: Exchange; // with all that is known by now; the response phase goes on from it
  readonly answer: Answer | undefined; // undefined: let it through
  readonly edits: Edits; // of all policies; where two set a header, the later one's
  readonly metadata: readonly Datum[];
  readonly wants: Wants;
  readonly broken: { readonly policy: string; readonly cause: unknown } | undefined; // it ended the list; rescue has the last word
  readonly steps: readonly Step[]; // what each policy said, for explain, metrics and spans
}

export interface Step {
  readonly policy: string;
  readonly verdict: Final["kind"];
}

interface Draft extends Decision {
  readonly policies: readonly Policy[];
  readonly sayings: readonly Saying[]; // of each policy
  readonly oracle: Oracle;
  exchange: Exchange;
  answer: Answer | undefined;
  edits: Edits;
  metadata: readonly Datum[];
  wants: Wants;
  broken: Decision["broken"];
  readonly steps: Step[];
}

/** Runs the policies in order up to the first answer: in this tick unless a fact has to be waited for. Never throws or rejects. */
export function decide(policies: readonly Policy[], exchange: Exchange, snapshot: Snapshot, oracle: Oracle): Decision | Promise<Decision> {
  return run({
    policies,
    sayings: sayingsOf(policies),
    oracle,
    snapshot,
    exchange,
    answer: undefined,
    edits: NONE,
    metadata: NONE,
    wants: NOTHING,
    broken: undefined,
    steps: [],
  });
}

const NONE: readonly never[] = [];
const NOTHING: Wants = {};

function run(draft: Draft): Decision | Promise<Decision> {
  for (;;) {
    const policy = draft.policies[draft.steps.length]; // those before it have left a step each
    if (policy === undefined) return draft;
    try {
      const final = settle(policy(draft.exchange, draft.snapshot), draft);
      if (final instanceof Promise) return resume(final, policy, draft);
      if (note(final, draft)) return draft;
    } catch (cause) {
      return stop(cause, policy, draft);
    }
  }
}

const resume = (final: Promise<Final>, policy: Policy, draft: Draft): Promise<Decision> =>
  final.then((late) => (note(late, draft) ? draft : run(draft))).catch((cause: unknown) => stop(cause, policy, draft));

const stop = (cause: unknown, policy: Policy, draft: Draft): Decision => Object.assign(draft, { broken: { policy: policy.name, cause } });

const settle = (verdict: Verdict, draft: Draft): Final | Promise<Final> => (verdict.kind === "ask" ? put(verdict, draft) : verdict);

function put<K extends Kind>(ask: Ask<K>, draft: Draft): Final | Promise<Final> {
  const fact = draft.oracle(ask, draft.exchange);
  return fact instanceof Promise ? fact.then((late) => settle(ask.next(late), draft)) : settle(ask.next(fact), draft);
}

/** Enters one final verdict into the draft; true when it ends the matter. */
function note(verdict: Final, draft: Draft): boolean {
  const saying = draft.sayings[draft.steps.length];
  if (saying !== undefined) draft.steps.push(stepOf(saying, verdict));
  if (verdict.kind === "answer") draft.answer = verdict;
  if (verdict.kind === "adjust") adopt(verdict, draft);
  return verdict.kind === "answer";
}

/** The step for each thing that a policy can say. */
type Saying = Readonly<Record<Final["kind"], Step>>;

/** Made once a list: a function's name is an accessor, and reading it takes longer than a small policy. */
const SAYINGS = new WeakMap<readonly Policy[], readonly Saying[]>();

function sayingsOf(policies: readonly Policy[]): readonly Saying[] {
  const known = SAYINGS.get(policies);
  if (known !== undefined) return known;
  const step = (policy: Policy, verdict: Final["kind"]): Step => ({ policy: policy.name, verdict });
  const sayings = policies.map((it) => ({ pass: step(it, "pass"), adjust: step(it, "adjust"), answer: step(it, "answer") }));
  SAYINGS.set(policies, sayings);
  return sayings;
}

/** By literal names, which is several times as fast as by `verdict.kind`. */
function stepOf({ pass, adjust, answer }: Saying, { kind }: Final): Step {
  if (kind === "adjust") return adjust;
  return kind === "pass" ? pass : answer;
}

function adopt({ edits, metadata, wants, known }: Adjust, draft: Draft): void {
  if (edits) draft.edits = join(draft.edits, edits);
  if (metadata) draft.metadata = join(draft.metadata, metadata);
  if (wants) draft.wants = { ...draft.wants, ...wants };
  if (known) draft.exchange = learn(draft.exchange, known);
}

/** Nearly always one policy alone has any: its list is taken as it is. */
function join<T>(before: readonly T[], more: readonly T[]): readonly T[] {
  if (before.length === 0) return more;
  return more.length === 0 ? before : [...before, ...more];
}
