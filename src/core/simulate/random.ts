/** Random numbers that are the same for the same seed (sfc32): samples of a simulation, nothing secret. */
export class Random {
  #a: number;
  #b = 0x9e3779b9;
  #c = 0x243f6a88;
  #counter = 1;

  /** `seed` is a uint32. */
  constructor(seed: number) {
    this.#a = seed | 0;
    for (let i = 0; i < 12; i++) this.next(); // until the seed has reached every bit
  }

  /** The next uint32. */
  next(): number {
    const out = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + out) | 0;
    return out >>> 0;
  }

  /** An integer from 0 to `count` − 1, for counts far below 2³². */
  below(count: number): number {
    return Math.floor((this.next() * count) / 2 ** 32);
  }
}

/** Draws so many distinct items at a time, again and again, each set in random order. */
export class Urn {
  readonly #items: Uint32Array;
  readonly #random: Random;

  /** An urn of the integers 0 … count − 1. */
  constructor(count: number, random: Random) {
    this.#items = Uint32Array.from({ length: count }, (_, item) => item);
    this.#random = random;
  }

  /** `count` distinct items, as a view that the next draw overwrites. */
  draw(count: number): Uint32Array {
    const items = this.#items;
    // The front of a Fisher–Yates shuffle. Where the last draw left the items does not matter: any order is as good to begin with.
    for (let i = 0; i < count; i++) {
      const j = i + this.#random.below(items.length - i);
      const item = items[i] ?? 0;
      items[i] = items[j] ?? 0;
      items[j] = item;
    }
    return items.subarray(0, count);
  }
}
