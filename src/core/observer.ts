import type { Decision } from "./decide.ts";
import type { Known } from "./exchange.ts";

/** What came of an exchange that was sent to a target. */
export interface Outcome {
  readonly status: number; // 100…599
  readonly isLocalReply: boolean; // as far as can be told, Envoy answered in the target's place
  readonly attempts: number; // how often Envoy tried, at least 1
  readonly tookMs: number; // from our reply until the response's headers came, in fractions
}

/**
 * Hears of every decision, and more of the exchanges whose responses are looked at: `begin` when one is let through, `end` exactly
 * once for it, when its response begins or there will be none, and `respond` if there is one. None of them throws.
 */
export interface Observer {
  decided(decision: Decision): void;
  begin(known: Known): void;
  end(known: Known): void;
  respond(known: Known, outcome: Outcome, atMs: number): void;
}

/** Where nobody looks. */
export const blind: Observer = { decided: () => undefined, begin: () => undefined, end: () => undefined, respond: () => undefined };

/** All of them hear. */
export const all = (observers: readonly Observer[]): Observer => ({
  decided: (decision) => {
    for (const observer of observers) observer.decided(decision);
  },
  begin: (known) => {
    for (const observer of observers) observer.begin(known);
  },
  end: (known) => {
    for (const observer of observers) observer.end(known);
  },
  respond: (known, outcome, atMs) => {
    for (const observer of observers) observer.respond(known, outcome, atMs);
  },
});
