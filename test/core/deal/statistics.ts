/** Deals customer number i: the places of its targets. */
export type Deal = (customer: number) => readonly number[];

/** What a run of deals comes to, each figure against that of a truly random deal. */
export interface Fairness {
  readonly inclusion: number; // chi-square of how often each target is dealt, corrected for dealing without replacement
  readonly first: number; // chi-square of how often each target is dealt first
  readonly pairs: number; // chi-square of how often each two targets are dealt together; for n=28, k=3: mean 375, sd 28
  readonly shards: number; // chi-square of how often each possible shard is dealt
  readonly distinct: number; // shards in use
  readonly fullOverlap: number; // customer pairs that share all their targets ÷ as many as expected
}

/** The fairness of `customers` shards of k out of n targets. */
export function measureFairness(deal: Deal, { n, k, customers }: { n: number; k: number; customers: number }): Fairness {
  const dealt = new Float64Array(n);
  const first = new Float64Array(n);
  const pairs = new Map<number, number>();
  const shards = new Map<string, number>();
  for (let i = 0; i < customers; i++) {
    const shard = [...deal(i)];
    count(first, shard[0] ?? 0);
    shard.sort((a, b) => a - b);
    for (const [at, place] of shard.entries()) {
      count(dealt, place);
      for (const other of shard.slice(at + 1)) pairs.set(place * n + other, (pairs.get(place * n + other) ?? 0) + 1);
    }
    shards.set(shard.join(), (shards.get(shard.join()) ?? 0) + 1);
  }
  const possible = choose(n, k);
  const same = sum([...shards.values()].map((times) => (times * (times - 1)) / 2));
  return {
    inclusion: chiSquare(dealt, n, (customers * k) / n) / ((1 - k / n) * (n / (n - 1))),
    first: chiSquare(first, n, customers / n),
    pairs: chiSquare(pairs.values(), choose(n, 2), (customers * choose(k, 2)) / choose(n, 2)),
    shards: chiSquare(shards.values(), possible, customers / possible),
    distinct: shards.size,
    fullOverlap: same / ((customers * (customers - 1)) / 2 / possible),
  };
}

/** The greatest load of a target ÷ the average. */
export function maxOverAverage(loads: Float64Array): number {
  return Math.max(...loads) / (sum([...loads]) / loads.length);
}

/** Adds one to an entry. */
export function count(counts: Float64Array, at: number): void {
  counts[at] = (counts[at] ?? 0) + 1;
}

/** How many subsets of k a set of n has. */
export function choose(n: number, k: number): number {
  let ways = 1;
  for (let i = 0; i < k; i++) ways = (ways * (n - i)) / (i + 1);
  return ways;
}

/** Over so many cells, of which those that were never hit may be missing. */
function chiSquare(counts: Iterable<number>, cells: number, expected: number): number {
  const seen = [...counts];
  return sum(seen.map((times) => (times - expected) ** 2 / expected)) + (cells - seen.length) * expected;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
