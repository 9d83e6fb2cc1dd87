/** A share or an average, as a formula has it and as it was found. */
export interface Figure {
  readonly exact: number | undefined; // undefined: no formula is known
  readonly simulated: number;
  readonly error: number; // standard deviation of `simulated` by chance alone
}

/** All that a simulation says: plain values, the same for `--json`, the table and the page. Shares are 0 … 1. */
export interface Simulation {
  readonly pool: PoolSummary;
  readonly warnings: readonly string[];
  readonly shards: ShardFigures;
  readonly overlap: { readonly pairs: number; readonly rows: readonly OverlapRow[] };
  readonly load: LoadFigures;
  readonly failures: { readonly trials: number; readonly shown: readonly number[]; readonly rows: readonly FailureRow[] };
  readonly zones: readonly ZoneRow[]; // none when all targets are in one
  readonly poison: { readonly trials: number; readonly rows: readonly PoisonRow[] };
  readonly changes: { readonly customers: number; readonly rows: readonly ChangeRow[] };
}

export interface PoolSummary {
  readonly name: string;
  readonly algorithm: "riffle-1";
  readonly targets: number; // that are dealt
  readonly size: number;
  readonly zones: number;
  readonly mode: "min" | "spread" | "plain";
  readonly minZones: number | undefined; // of mode `min`
  readonly customers: number;
  readonly seed: number;
}

export interface ShardFigures {
  readonly possible: number | undefined; // Infinity (null in JSON) when a double cannot hold it
  readonly used: number;
  readonly usedExpected: number | undefined;
  readonly samePairs: number; // pairs of customers with the same shard, of all pairs there are
  readonly samePairsExpected: number | undefined;
  readonly largestGroup: number; // customers with one and the same shard
}

/** How many of all pairs of customers share exactly so many targets. */
export interface OverlapRow extends Figure {
  readonly shared: number;
}

export interface LoadFigures {
  readonly customers: Spread;
  readonly demand: Spread | undefined; // undefined: not known
  readonly targets: readonly TargetLoad[]; // in the pool's order
}

/** Over the targets. */
export interface Spread {
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  readonly maxOverMean: number;
}

export interface TargetLoad {
  readonly id: string;
  readonly zone: string;
  readonly customers: number; // that hold it
  readonly demand: number | undefined; // a customer's demand is shared evenly by its members
}

/** Shares of the customers, averaged over all sets of so many targets. */
export interface FailureRow {
  readonly failed: number;
  readonly hurt: Figure; // lose a member at least
  readonly dark: Figure; // lose all
}

/** Shares of the customers when a whole zone fails: counted, every customer. */
export interface ZoneRow {
  readonly zone: string;
  readonly targets: number;
  readonly hurt: number;
  readonly dark: number;
}

/** What so many heavy customers, each of which takes down all its targets, do to the others. */
export interface PoisonRow {
  readonly heavy: number;
  readonly hurt: Figure;
  readonly dark: Figure;
  readonly lost: readonly LostRow[];
}

/** The share of the others that lose exactly so many members. */
export interface LostRow extends Figure {
  readonly members: number;
}

export interface ChangeRow {
  readonly change: string; // for people
  readonly customers: Figure; // share of them that change at all; exact: the least that can
  readonly members: Figure; // share of all members that change; exact: likewise
}

/** A share from counted hits. Half a hit is added to the error's, so that a share of 0 does not look certain. */
export function figure(hits: number, trials: number, exact?: number): Figure {
  const likely = (hits + 0.5) / (trials + 1);
  return { exact, simulated: hits / trials, error: Math.sqrt((likely * (1 - likely)) / trials) };
}
