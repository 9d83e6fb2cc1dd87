/** How many members of a shard lie in each zone, and how often a deal comes out like that. */
export interface Makeup {
  readonly counts: readonly number[]; // by zone
  readonly chance: number;
}

/**
 * All that an ideal deal of equally weighted targets is, for whoever counts: the makeups it has, and that inside a zone every
 * set of so many targets is as likely as the others, whatever another customer was dealt.
 */
export interface DealLaw {
  readonly zones: readonly number[]; // targets by zone
  readonly makeups: readonly Makeup[]; // each once; their chances add up to 1
}

/** What a law follows from. */
export interface DealShape {
  readonly zones: readonly number[]; // targets by zone, each at least 1
  readonly size: number; // members of a shard, at most as many as there are targets
  readonly mode: "min" | "spread" | "plain";
  readonly minZones: number | undefined; // of mode `min`: undefined for min(2, size, zones)
}

/** Five members over 20 zones have 42,504 makeups; what has far more is not enumerated. */
const MAX_MAKEUPS = 50_000;

/** The law of riffle-1, 3.6, for equal weights; undefined when its makeups are too many to enumerate. */
export function dealLaw(shape: DealShape): DealLaw | undefined {
  const { zones, size, mode } = shape;
  if (mode === "plain") return { zones: [zones.reduce((sum, targets) => sum + targets, 0)], makeups: [{ counts: [size], chance: 1 }] };
  const makeups = mode === "spread" ? spreadMakeups(zones, size) : minZonesMakeups(shape);
  return makeups && { zones, makeups };
}

/**
 * The walk in rank order, a member at a time. Until the spare members are used up nothing has been passed over, so every target
 * left is as likely to come next; from then on the next member comes from a zone that has none yet.
 */
function minZonesMakeups({ zones, size, minZones }: DealShape): readonly Makeup[] | undefined {
  const spare = size - Math.min(minZones ?? 2, size, zones.length);
  let layer: readonly Makeup[] = [{ counts: zones.map(() => 0), chance: 1 }];
  for (let taken = 0; taken < size; taken++) {
    const next = new MakeupSum();
    for (const { counts, chance } of layer) {
      const mayRepeat = taken - counts.filter((count) => count > 0).length < spare;
      const open = zones.map((targets, zone) => (counts[zone] === 0 || mayRepeat ? targets - (counts[zone] ?? 0) : 0));
      const all = open.reduce((sum, targets) => sum + targets, 0);
      for (const [zone, targets] of open.entries()) if (targets > 0) next.add(plusOne(counts, [zone]), (chance * targets) / all);
      if (next.size > MAX_MAKEUPS) return undefined;
    }
    layer = next.makeups();
  }
  return layer;
}

/** Whole rounds over all zones that have targets left; the last one reaches some of them, each set of these as likely as the others. */
function spreadMakeups(zones: readonly number[], size: number): readonly Makeup[] | undefined {
  let counts: readonly number[] = zones.map(() => 0);
  for (let left = size; ; ) {
    const open = [...zones.keys()].filter((zone) => (counts[zone] ?? 0) < (zones[zone] ?? 0));
    if (left <= open.length) {
      const last = subsets(open, left);
      return last?.map((chosen) => ({ counts: plusOne(counts, chosen), chance: 1 / last.length }));
    }
    counts = plusOne(counts, open);
    left -= open.length;
  }
}

const plusOne = (counts: readonly number[], chosen: readonly number[]): readonly number[] =>
  counts.map((count, zone) => count + (chosen.includes(zone) ? 1 : 0));

/** All subsets of `count` items; undefined when they are too many. */
function subsets(items: readonly number[], count: number): readonly (readonly number[])[] | undefined {
  let found: readonly (readonly number[])[] = [[]]; // each holds positions, in ascending order
  for (let i = 0; i < count; i++) {
    found = found.flatMap((chosen) => items.slice(items.indexOf(chosen.at(-1) ?? -1) + 1).map((item) => [...chosen, item]));
    if (found.length > MAX_MAKEUPS) return undefined;
  }
  return found;
}

/** Adds up the chances of equal makeups. */
class MakeupSum {
  readonly #byCounts = new Map<string, { readonly counts: readonly number[]; chance: number }>();

  get size(): number {
    return this.#byCounts.size;
  }

  add(counts: readonly number[], chance: number): void {
    const key = counts.join();
    const known = this.#byCounts.get(key);
    if (known) known.chance += chance;
    else this.#byCounts.set(key, { counts, chance });
  }

  makeups(): readonly Makeup[] {
    return [...this.#byCounts.values()];
  }
}

/** One makeup for all that differ only in which of several equally large zones is which, with their chances added. */
export function distinctMakeups({ zones, makeups }: DealLaw): readonly Makeup[] {
  const sums = new Map<string, { readonly counts: readonly number[]; chance: number }>();
  for (const { counts, chance } of makeups) {
    const key = counts
      .map((count, zone) => `${zones[zone]}:${count}`)
      .sort()
      .join();
    const known = sums.get(key);
    if (known) known.chance += chance;
    else sums.set(key, { counts, chance });
  }
  return [...sums.values()];
}
