import type { AskRules } from "../../core/route-rules.ts";
import type { RegionFact } from "../../core/verdict.ts";
import type { Reply } from "./reply.ts";

/** What is remembered of one key. Times in ms of a clock that never steps. */
export interface Entry {
  readonly fact: RegionFact; // until askAgainMs
  readonly stale: RegionFact; // from then on until usableUntilMs, while the source is asked again
  readonly askAgainMs: number;
  readonly usableUntilMs: number; // afterwards a request waits, whatever askAgainMs says
}

/** For how long a failure is remembered: until then the key is not asked for again. */
export const FAILURE_MS = 1_000;

/** Up to which part an interval is shortened by chance, so that what was filled together does not run out together. */
const JITTER = 0.1;

export const FAILED: RegionFact = { region: undefined, how: "failed" };
const NEGATIVE: RegionFact = { region: undefined, how: "negative" };

/** When a reply came, and a number in [0, 1) drawn for it. */
export interface Moment {
  readonly nowMs: number;
  readonly chance: number;
}

/** What is to be remembered after a reply. `before`: what was until now. A failure leaves a region alone that can still be used. */
export function remember(reply: Reply, before: Entry | undefined, rules: AskRules, { nowMs, chance }: Moment): Entry {
  const after = (ms: number): number => nowMs + ms * (1 - JITTER * chance);
  switch (reply.kind) {
    case "region": {
      const { region } = reply;
      const askAgainMs = after(rules.ttlMs);
      const usableUntilMs = nowMs + rules.ttlMs + rules.staleMs;
      return { fact: { region, how: "fresh" }, stale: { region, how: "stale" }, askAgainMs, usableUntilMs };
    }
    case "none":
      return once(NEGATIVE, after(rules.negativeTtlMs));
    case "failed": {
      const askAgainMs = after(FAILURE_MS);
      if (before?.stale.region === undefined || nowMs >= before.usableUntilMs) return once(FAILED, askAgainMs);
      return { ...before, fact: before.stale, askAgainMs };
    }
  }
}

/** Never served stale: no region and no answer leave the request the same fallback as asking in vain would. */
const once = (fact: RegionFact, untilMs: number): Entry => ({ fact, stale: fact, askAgainMs: untilMs, usableUntilMs: untilMs });
