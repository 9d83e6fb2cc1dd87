import type { Key } from "./key.ts";
import { ScoreLimits } from "./limits.ts";
import { mixLanes } from "./score.ts";
import { sortNumbers, sortPairs } from "./sort.ts";
import { rankValue } from "./weight.ts";

/** A target that competes for places in shards. */
export interface Contender {
  readonly key: Key; // its `targetKey`
  readonly place: number;
  readonly weight: number; // at least 1
}

/**
 * Targets that compete with each other: those of a pool, or of one of its zones. Ranks them for a customer, or only as
 * many as are likely to be needed, since sorting all of them is what would cost.
 */
export class Field {
  readonly count: number;
  // By rank among the ids, so that the index breaks ties between scores.
  readonly #lo: Uint32Array;
  readonly #hi: Uint32Array;
  readonly #places: Uint32Array;
  readonly #weights: Uint16Array;
  readonly #limits: ScoreLimits | undefined; // undefined: all weights are equal, and scores alone rank
  readonly #ranked: Ranked;

  /** `contenders` by id in byte order, at most 2²¹; `ranked`, which other fields may share, has room for all of them. */
  constructor(contenders: readonly Contender[], ranked: Ranked) {
    this.count = contenders.length;
    this.#lo = new Uint32Array(this.count);
    this.#hi = new Uint32Array(this.count);
    this.#places = new Uint32Array(this.count);
    this.#weights = new Uint16Array(this.count);
    for (const [index, { key, place, weight }] of contenders.entries()) {
      this.#lo[index] = key.lo;
      this.#hi[index] = key.hi;
      this.#places[index] = place;
      this.#weights[index] = weight;
    }
    this.#limits = new Set(this.#weights).size > 1 ? new ScoreLimits(this.#weights) : undefined;
    this.#ranked = ranked;
  }

  /**
   * Ranks the first of these targets, at least `wanted` of them unless there are fewer, without those to `avoid` (places).
   * Returns how many; `placeAt` and `scoreAt` tell which, until a field with the same `Ranked` ranks again.
   */
  rank(customer: Key, wanted: number, avoid: ReadonlySet<number>): number {
    // So many that about one ranking in a thousand finds fewer than wanted. From `count` on, none are left out.
    for (let average = wanted + 3 * Math.sqrt(wanted) + 3; ; average *= 4) {
      const limits = this.#limits?.of(average);
      const found = limits === undefined ? this.#rankByScore(customer, average, avoid) : this.#rankByValue(customer, limits, avoid);
      if (found >= wanted || average >= this.count) return found;
    }
  }

  /** The place of the target that ranked so (from 0) in the last ranking. */
  placeAt(rank: number): number {
    return this.#places[(this.#ranked.packed[rank] ?? 0) % INDICES] ?? 0;
  }

  /** Its score there. */
  scoreAt(rank: number): number {
    return Math.floor((this.#ranked.packed[rank] ?? 0) / INDICES);
  }

  #rankByScore(customer: Key, average: number, avoid: ReadonlySet<number>): number {
    // Read once, and as words: these loops are what a deal costs, and nothing else may stand in them.
    const [los, his, { packed }] = [this.#lo, this.#hi, this.#ranked];
    const lo = customer.lo | 0;
    const hi = customer.hi | 0;
    const limit = Math.min(ALL - 1, (average / this.count) * ALL) >>> 0;
    let found = 0;
    for (let i = 0; i < los.length; i++) {
      const score = mixLanes(lo ^ (los[i] ?? 0), hi ^ (his[i] ?? 0));
      if (score <= limit) packed[found++] = score * INDICES + i;
    }
    if (avoid.size > 0) found = this.#leaveOut(avoid, found);
    sortNumbers(packed, found);
    return found;
  }

  #rankByValue(customer: Key, limits: Uint32Array, avoid: ReadonlySet<number>): number {
    const [los, his, { packed }] = [this.#lo, this.#hi, this.#ranked];
    const lo = customer.lo | 0;
    const hi = customer.hi | 0;
    let found = 0;
    for (let i = 0; i < los.length; i++) {
      const score = mixLanes(lo ^ (los[i] ?? 0), hi ^ (his[i] ?? 0));
      if (score <= (limits[i] ?? 0)) packed[found++] = score * INDICES + i;
    }
    if (avoid.size > 0) found = this.#leaveOut(avoid, found);
    const { values } = this.#ranked;
    for (let rank = 0; rank < found; rank++)
      values[rank] = rankValue(this.scoreAt(rank), this.#weights[(packed[rank] ?? 0) % INDICES] ?? 1);
    sortPairs(values, packed, found);
    return found;
  }

  /** Takes the places to avoid out of the first `found`; returns how many are left. */
  #leaveOut(avoid: ReadonlySet<number>, found: number): number {
    const { packed } = this.#ranked;
    let left = 0;
    for (let rank = 0; rank < found; rank++) if (!avoid.has(this.placeAt(rank))) packed[left++] = packed[rank] ?? 0;
    return left;
  }
}

/** Where a field puts what it has ranked: reused, and meaningless between two uses. */
export class Ranked {
  readonly packed: Float64Array; // score and index of each target, which sort as one number
  readonly values: Float64Array; // its rank value, where weights differ

  constructor(count: number) {
    this.packed = new Float64Array(count);
    this.values = new Float64Array(count);
  }
}

/** One above the greatest score. */
const ALL = 2 ** 32;

/** A score (2³²) and an index (2²¹) share a double's 53 bits. */
export const INDICES = 2 ** 21;
