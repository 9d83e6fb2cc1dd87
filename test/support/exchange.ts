import type { Oracle } from "../../src/core/decide.ts";
import { createHeaders, type Exchange, type Known } from "../../src/core/exchange.ts";
import type { Live, RegionFact } from "../../src/core/verdict.ts";
import { createOracle } from "../../src/store/oracle.ts";

/** An exchange as a policy sees it: header lines and what earlier policies found out. */
export function exchange(lines: Record<string, string> | readonly (readonly [string, string])[], known: Known = {}, chance = 0): Exchange {
  const pairs = Array.isArray(lines) ? (lines as readonly (readonly [string, string])[]) : Object.entries(lines);
  return { headers: createHeaders(pairs), known, atMs: 0, chance };
}

/** Live facts with these places ejected. */
export const ejecting = (...places: readonly number[]): Live => ({
  inFlight: () => 0,
  isEjected: (place) => places.includes(place),
  formerOf: () => [],
});

const NO_REGION: RegionFact = { region: undefined, how: "failed" };

/** Answers every question at once: with these live facts, and this region. */
export const bare = (live: Live = ejecting(), region = NO_REGION): Oracle => createOracle({ live: () => live, region: () => region });

/** Answers the same, but each fact has to be waited for. */
export const late = (live: Live = ejecting(), region = NO_REGION): Oracle =>
  createOracle({ live: () => Promise.resolve(live), region: () => Promise.resolve(region) });
