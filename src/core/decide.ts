import { type Exchange, learn } from "./exchange.ts";
import type { Datum, Edit, Edits } from "./output.ts";
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
  readonly oracle: Oracle;
  exchange: Exchange;
  answer: Answer | undefined;
  wants: Wants;
  broken: Decision["broken"];
  readonly edits: Edit[];
  readonly metadata: Datum[];
  readonly steps: Step[];
}

/** Runs the policies in order up to the first answer: in this tick unless a fact has to be waited for. Never throws or rejects. */
export function decide(policies: readonly Policy[], exchange: Exchange, snapshot: Snapshot, oracle: Oracle): Decision | Promise<Decision> {
  return run({
    policies,
    oracle,
    snapshot,
    exchange,
    answer: undefined,
    edits: [],
    metadata: [],
    wants: NOTHING,
    broken: undefined,
    steps: [],
  });
}

const NOTHING: Wants = {};

function run(draft: Draft): Decision | Promise<Decision> {
  for (;;) {
    const policy = draft.policies[draft.steps.length]; // those before it have left a step each
    if (policy === undefined) return draft;
    try {
      const final = settle(policy(draft.exchange, draft.snapshot), draft);
      if (final instanceof Promise) return resume(final, policy, draft);
      if (note(final, policy, draft)) return draft;
    } catch (cause) {
      return stop(cause, policy, draft);
    }
  }
}

const resume = (final: Promise<Final>, policy: Policy, draft: Draft): Promise<Decision> =>
  final.then((late) => (note(late, policy, draft) ? draft : run(draft))).catch((cause: unknown) => stop(cause, policy, draft));

const stop = (cause: unknown, policy: Policy, draft: Draft): Decision => Object.assign(draft, { broken: { policy: policy.name, cause } });

const settle = (verdict: Verdict, draft: Draft): Final | Promise<Final> => (verdict.kind === "ask" ? put(verdict, draft) : verdict);

function put<K extends Kind>(ask: Ask<K>, draft: Draft): Final | Promise<Final> {
  const fact = draft.oracle(ask, draft.exchange);
  return fact instanceof Promise ? fact.then((late) => settle(ask.next(late), draft)) : settle(ask.next(fact), draft);
}

/** Enters one final verdict into the draft; true when it ends the matter. */
function note(verdict: Final, policy: Policy, draft: Draft): boolean {
  draft.steps.push(stepOf(policy, verdict.kind));
  if (verdict.kind === "answer") draft.answer = verdict;
  if (verdict.kind === "adjust") adopt(verdict, draft);
  return verdict.kind === "answer";
}

/** The steps of a policy, made once: a function's name is an accessor, and reading it takes longer than a small policy. */
const STEPS = new WeakMap<Policy, Record<Final["kind"], Step>>();

function stepOf(policy: Policy, verdict: Final["kind"]): Step {
  const known = STEPS.get(policy);
  if (known !== undefined) return known[verdict];
  const step = (kind: Final["kind"]): Step => ({ policy: policy.name, verdict: kind });
  const steps = { pass: step("pass"), adjust: step("adjust"), answer: step("answer") };
  STEPS.set(policy, steps);
  return steps[verdict];
}

function adopt({ edits, metadata, wants, known }: Adjust, draft: Draft): void {
  if (edits) for (const edit of edits) draft.edits.push(edit);
  if (metadata) for (const datum of metadata) draft.metadata.push(datum);
  if (wants) draft.wants = { ...draft.wants, ...wants };
  if (known) draft.exchange = learn(draft.exchange, known);
}
