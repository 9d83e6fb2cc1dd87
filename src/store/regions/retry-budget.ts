/** Retries one service may cost at any time, beyond its share of the calls. */
export const RETRY_FLOOR = 5;

const CALLS_PER_RETRY = 10;

/** Keeps retries to a tenth of the calls and a few: a service that is down is not asked twice as often for that. */
export class RetryBudget {
  // In calls, a whole number: tenths of a retry would not add up to one.
  #credit = RETRY_FLOOR * CALLS_PER_RETRY;

  /** A call was begun. What is saved up stays bounded: a burst of retries after a quiet day would be none the less a burst. */
  earn(): void {
    this.#credit = Math.min(this.#credit + 1, RETRY_FLOOR * CALLS_PER_RETRY);
  }

  /** True, and paid for, when a retry may be made. */
  spend(): boolean {
    if (this.#credit < CALLS_PER_RETRY) return false;
    this.#credit -= CALLS_PER_RETRY;
    return true;
  }
}
