import type { Live } from "../core/verdict.ts";

const QUIET: Live = { inFlight: () => 0, isEjected: () => false, formerOf: () => [] };

/** Live facts where nothing is observed: for `explain` and benchmarks. */
export const quietLive = (): Live => QUIET;
