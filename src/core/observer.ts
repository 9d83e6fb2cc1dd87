import type { Picked } from "./exchange.ts";

/** What came of an exchange that was sent to a target. */
export interface Outcome {
  readonly status: number; // 100…599
  readonly isLocalReply: boolean; // as far as can be told, Envoy answered in the target's place
  readonly attempts: number; // how often Envoy tried, at least 1
}

/**
 * Hears of the exchanges whose responses are looked at: `begin` when one is let through, `end` exactly once for it, when its
 * response begins or there will be none, and `respond` if there is one. None of them throws.
 */
export interface Observer {
  begin(picked: Picked): void;
  end(picked: Picked): void;
  respond(picked: Picked, outcome: Outcome, atMs: number): void;
}

/** Where nobody looks. */
export const blind: Observer = { begin: () => undefined, end: () => undefined, respond: () => undefined };
