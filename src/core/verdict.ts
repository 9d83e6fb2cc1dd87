import type { Known } from "./exchange.ts";
import type { Edits, Output } from "./output.ts";
import type { Pool } from "./pool.ts";
import type { DiscoveryRules } from "./route-rules.ts";

/** What a policy may ask for, a row per kind … */
export interface Questions {
  readonly live: { readonly pool: Pool };
  readonly region: { readonly discovery: DiscoveryRules; readonly key: string }; // key: byte string
}

/** … and the fact that answers it. */
export interface Facts {
  readonly live: Live;
  readonly region: RegionFact;
}

/** What this instance observes of a pool's targets; `place` is the target's index in its pool. */
export interface Live {
  /** Exchanges that were sent there and have had no response yet. */
  inFlight(place: number): number;
  /** Passed over for what it answered; `atMs` as in the exchange. */
  isEjected(place: number, atMs: number): boolean;
  /**
   * Places that were in the customer's shard before it changed to this one, for as long as what sticks there may stay
   * (`shard.grace`). Nearly always none. The shard is remembered for the next time.
   */
  formerOf(customer: string, shard: readonly number[], atMs: number): readonly number[];
}

/** What is known of a key's region. */
export interface RegionFact {
  readonly region: string | undefined; // as the table or the service says it, whether a route allows it or not; undefined: none
  readonly how: RegionSource;
}

/**
 * How a region, or none, came about. Remembered: `fresh`, `stale` while it is asked for again, `negative` when there is none.
 * `asked`: the request waited for the service's word. `failed`: the service could not say, and nothing remembered could stand in.
 */
export type RegionSource = "table" | "fresh" | "stale" | "asked" | "negative" | "failed";

export type Kind = keyof Questions;

/** The exchange ends here, with this reply to the client. */
export interface Answer {
  readonly kind: "answer";
  readonly status: number; // 200…599
  readonly why: string; // lower case words; for explain, traces, logs and Envoy's response code details
  readonly headers?: Edits;
  readonly body?: Uint8Array;
  readonly grpcStatus?: number;
}

/** Phases to ask Envoy for beyond the request headers; each costs a round trip. */
export interface Wants {
  readonly responseHeaders?: true;
}

/** The exchange goes on, changed. */
export interface Adjust extends Output {
  readonly kind: "adjust";
  readonly known?: Known | undefined;
  readonly wants?: Wants | undefined;
}
export type Final = { readonly kind: "pass" } | Adjust | Answer;

/** `next` makes the fact into a verdict. Were it called `then`, a promise would take the verdict for a promise. */
export type Ask<K extends Kind = Kind> = {
  [P in K]: {
    readonly kind: "ask";
    readonly about: P;
    readonly question: Questions[P];
    readonly next: (fact: Facts[P]) => Verdict;
  };
}[K];
export type Verdict = Final | Ask;

export const pass: Final = { kind: "pass" };
// Field by field: on the hot path a spread costs more than all the rest of a small policy.
export const adjust = ({ edits, metadata, known, wants }: Omit<Adjust, "kind">): Adjust => ({
  kind: "adjust",
  edits,
  metadata,
  known,
  wants,
});
export const answer = (status: number, why: string, more?: Partial<Answer>): Answer => ({ ...more, kind: "answer", status, why });
export const ask = <K extends Kind>(about: K, question: Questions[K], next: (fact: Facts[K]) => Verdict): Ask<K> => ({
  kind: "ask",
  about,
  question,
  next,
});
