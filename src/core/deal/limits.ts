import { greatestScore } from "./weight.ts";

/**
 * Score limits of targets whose weights differ: the targets that score at most their limit are exactly those whose rank
 * value is at most some bound, so they are the first of the rank order. Costs and divisions are spared the others.
 */
export class ScoreLimits {
  readonly #weights: Uint16Array;
  readonly #counts = new Map<number, number>(); // targets by weight
  readonly #levels: (Uint32Array | undefined)[] = []; // each lets a quarter more targets pass than the one before

  /** `weights` by the target's index, each at least 1. */
  constructor(weights: Uint16Array) {
    this.#weights = weights;
    for (const weight of weights) this.#counts.set(weight, (this.#counts.get(weight) ?? 0) + 1);
  }

  /** Limits by the target's index that let at least so many pass on average; all of them when that is their number. */
  of(average: number): Uint32Array {
    const wanted = Math.min(average, this.#weights.length); // bounds the levels
    let level = 0;
    let passing = FEWEST;
    for (; passing < wanted; level++) passing *= STEP;
    const limits = this.#levels[level] ?? this.#limitsFor(passing);
    this.#levels[level] = limits;
    return limits;
  }

  #limitsFor(passing: number): Uint32Array {
    if (passing >= this.#weights.length) return new Uint32Array(this.#weights.length).fill(2 ** 32 - 1);
    const value = this.#boundFor(passing);
    const limits = new Map([...this.#counts.keys()].map((weight) => [weight, greatestScore(value, weight)]));
    return Uint32Array.from(this.#weights, (weight) => limits.get(weight) ?? 0);
  }

  /** The rank value that so many targets stay below on average. It need not be exact: any bound deals the same shards. */
  #boundFor(passing: number): number {
    let low = 0;
    let high = 2 ** 31;
    while (high - low > high * 1e-6) {
      const value = (low + high) / 2;
      let expected = 0;
      for (const [weight, count] of this.#counts) expected += count * (1 - 2 ** ((-value * weight) / 2 ** 26));
      if (expected < passing) low = value;
      else high = value;
    }
    return high;
  }
}

const FEWEST = 6; // a single target is wanted of about as many
const STEP = 1.25; // finer steps let fewer pass in vain, and cost an array each where they are used
