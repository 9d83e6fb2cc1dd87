const LIMIT_US = 100_000; // above it one bucket, and the largest value

/** Latencies counted in buckets of one microsecond up to 100 ms. Of fixed size: recording allocates nothing. */
export class Histogram {
  readonly #buckets = new Uint32Array(LIMIT_US + 1);
  #count = 0;
  #sumUs = 0;
  #maxUs = 0;

  get count(): number {
    return this.#count;
  }

  record(us: number): void {
    const bucket = Math.min(Math.round(us), LIMIT_US);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count++;
    this.#sumUs += us;
    if (us > this.#maxUs) this.#maxUs = us;
  }

  /** The mean in microseconds, not rounded by buckets; 0 of nothing. */
  meanUs(): number {
    return this.#count === 0 ? 0 : this.#sumUs / this.#count;
  }

  /** The latency that this share (0…1) of all is at or below, in whole microseconds; 0 of nothing. */
  quantileUs(share: number): number {
    let left = Math.max(1, Math.ceil(share * this.#count));
    for (let bucket = 0; bucket < LIMIT_US; bucket++) {
      left -= this.#buckets[bucket] ?? 0;
      if (left <= 0) return bucket;
    }
    return Math.round(this.#maxUs);
  }
}
