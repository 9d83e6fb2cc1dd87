/** A map that forgets what nobody asked for: bounded, without an order to keep per entry. Keys are strings. */
export class Recent<V> {
  // Two generations of equal size: an entry in use moves to the younger one, and what nobody asked for goes with the elder.
  #young = new Map<string, V>();
  #old = new Map<string, V>();
  readonly #generation: number;

  /** Holds at most `capacity` entries (at least 2), and half of them for certain: those last asked for. */
  constructor(capacity: number) {
    this.#generation = Math.max(1, Math.floor(capacity / 2));
  }

  get size(): number {
    return this.#young.size + this.#old.size; // one that moved up counts twice
  }

  get(key: string): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: V): void {
    if (this.#young.size >= this.#generation && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
}
