import type { Rate } from "../limits.ts";

/** A token bucket. Time is given, in ms of any steady clock. */
export class Bucket {
  readonly #rate: Rate;
  #tokens: number;
  #atMs: number;

  constructor(rate: Rate, nowMs: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#atMs = nowMs;
  }

  /** Takes a token; false when there was none. The clock is read only when the bucket runs dry. */
  take(now: () => number): boolean {
    if (this.#tokens < 1) this.#refill(now());
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  #refill(nowMs: number): void {
    const gained = ((nowMs - this.#atMs) / 1000) * this.#rate.perSecond;
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + gained);
    this.#atMs = nowMs;
  }
}

/** Bytes held for others, against a bound, in a chain: what a stream holds, its connection and its process hold too. */
export class Ledger {
  readonly #limit: number;
  readonly #above: Ledger | undefined;
  #held = 0;

  constructor(limit: number, above?: Ledger) {
    this.#limit = limit;
    this.#above = above;
  }

  get held(): number {
    return this.#held;
  }

  /** Enters bytes; false, and nothing is entered, where they do not fit here or above. */
  take(bytes: number): boolean {
    if (this.#held + bytes > this.#limit || this.#above?.take(bytes) === false) return false;
    this.#held += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#held -= bytes;
    this.#above?.give(bytes);
  }

  /** Gives back all there is; of what ends. */
  close(): void {
    this.give(this.#held);
  }
}
