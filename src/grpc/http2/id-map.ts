/** What is kept by its number. */
interface Numbered {
  readonly id: number; // a positive integer below 2³¹
}

const LEAST_SLOTS = 64;

/**
 * A map from stream numbers for entries that come and go by the thousand: open addressing with linear probing, no tombstones. A
 * `Map` makes itself anew after every few dozen deletions, and each of its cast-off tables keeps the next one, and all streams in
 * it, from the young generation's collector: a tenth of riffle's CPU went there. A client that chooses numbers which collide makes
 * a look-up take as many steps as it has streams open, and those are bounded.
 */
export class IdMap<T extends Numbered> {
  #slots: (T | undefined)[] = empty(LEAST_SLOTS); // a power of two of them, at most half full
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): T | undefined {
    return this.#slots[this.#find(id)];
  }

  /** Enters it, in the place of what had the same number. */
  set(entry: T): void {
    const at = this.#find(entry.id);
    if (this.#slots[at] === undefined) this.#size++;
    this.#slots[at] = entry;
    if (this.#size * 2 > this.#slots.length) this.#resize(this.#slots.length * 2);
  }

  delete(id: number): void {
    const at = this.#find(id);
    if (this.#slots[at] === undefined) return;
    this.#slots[at] = undefined;
    this.#size--;
    this.#closeGap(at);
    if (this.#slots.length > LEAST_SLOTS && this.#size * 8 < this.#slots.length) this.#resize(this.#slots.length / 2);
  }

  /** All entries, in no order. */
  values(): readonly T[] {
    return this.#slots.filter((entry) => entry !== undefined);
  }

  clear(): void {
    this.#slots = empty(LEAST_SLOTS);
    this.#size = 0;
  }

  /** The slot of this number, or the empty one where it belongs. */
  #find(id: number): number {
    const mask = this.#slots.length - 1;
    let at = home(id, mask);
    for (let entry = this.#slots[at]; entry !== undefined && entry.id !== id; entry = this.#slots[at]) at = (at + 1) & mask;
    return at;
  }

  /** Moves up what would no longer be found behind an empty slot. Knuth, The Art of Computer Programming 6.4, algorithm R. */
  #closeGap(from: number): void {
    const mask = this.#slots.length - 1;
    let gap = from;
    for (let at = (gap + 1) & mask; ; at = (at + 1) & mask) {
      const entry = this.#slots[at];
      if (entry === undefined) return;
      if (((at - home(entry.id, mask)) & mask) < ((at - gap) & mask)) continue; // at home behind the gap
      this.#slots[gap] = entry;
      this.#slots[at] = undefined;
      gap = at;
    }
  }

  #resize(slots: number): void {
    const entries = this.values();
    this.#slots = empty(slots);
    for (const entry of entries) this.#slots[this.#find(entry.id)] = entry;
  }
}

/** A client's streams have odd numbers, one after the other: they lie side by side. */
const home = (id: number, mask: number): number => (id >>> 1) & mask;

const empty = <T>(slots: number): (T | undefined)[] => new Array<T | undefined>(slots).fill(undefined);
