import { Random } from "./random.ts";

/**
 * Counts distinct shards in memory that is known beforehand: 12 bytes a slot, 200 MiB for ten million. A shard is known by
 * the xor of a random 64-bit word per member, whatever their order; N customers give a false match with chance N²/2⁶⁵.
 */
export class ShardTable {
  readonly #wordsLo: Uint32Array; // by target
  readonly #wordsHi: Uint32Array;
  readonly #lo: Uint32Array; // by slot, open addressing
  readonly #hi: Uint32Array;
  readonly #customers: Uint32Array; // 0: the slot is free
  #used = 0;
  #largest = 0;
  #pairs = 0;

  /** For shards of that many targets, at most `shards` of them distinct. */
  constructor(targets: number, shards: number) {
    const random = new Random(0x5eed);
    this.#wordsLo = Uint32Array.from({ length: targets }, () => random.next());
    this.#wordsHi = Uint32Array.from({ length: targets }, () => random.next());
    const slots = 2 ** Math.ceil(Math.log2(Math.max(16, shards * 1.5)));
    this.#lo = new Uint32Array(slots);
    this.#hi = new Uint32Array(slots);
    this.#customers = new Uint32Array(slots);
  }

  /** Counts one more customer with this shard (places). */
  add(shard: readonly number[]): void {
    let [lo, hi] = [0, 0];
    for (const place of shard) {
      lo ^= this.#wordsLo[place] ?? 0;
      hi ^= this.#wordsHi[place] ?? 0;
    }
    const slot = this.#find(lo >>> 0, hi >>> 0);
    const before = this.#customers[slot] ?? 0;
    this.#customers[slot] = before + 1;
    if (before === 0) this.#used += 1;
    this.#pairs += before; // with each customer that was there
    this.#largest = Math.max(this.#largest, before + 1);
  }

  /** How many distinct shards there are so far. */
  get used(): number {
    return this.#used;
  }

  /** How many customers have the shard that most have. */
  get largest(): number {
    return this.#largest;
  }

  /** How many pairs of customers have the same shard. */
  get samePairs(): number {
    return this.#pairs;
  }

  /** The slot of a shard, or the free one that is to become its slot. */
  #find(lo: number, hi: number): number {
    const mask = this.#lo.length - 1;
    let slot = lo & mask;
    while (this.#customers[slot] !== 0 && (this.#lo[slot] !== lo || this.#hi[slot] !== hi)) slot = (slot + 1) & mask;
    this.#lo[slot] = lo;
    this.#hi[slot] = hi;
    return slot;
  }
}
