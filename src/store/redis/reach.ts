/** How long a connection may be away before that is said: one that a server's own idle limit closed is back before. */
export const GRACE_MS = 500;

/** How long all has to be well before that is said. */
export const CALM_MS = 2_000;

/** Calls in a row without an answer in time that say as much as a connection that is lost. */
export const MAX_MISSES = 3;

/** Whether the store answers, said when it changes. */
export interface Standing {
  readonly isAnswering: boolean;
  readonly why: string | undefined; // of the silence
}

/** Makes two states of what happens to a connection and its calls. Begins as one that is to come up. */
export class Reach {
  readonly #report: (standing: Standing) => void;
  #isAnswering = true; // until proven otherwise
  #isUp = false;
  #why = "it is not ready";
  #misses = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(report: (standing: Standing) => void) {
    this.#report = report;
    this.#await();
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** The connection takes commands. */
  up(): void {
    this.#isUp = true;
    this.#misses = 0;
    this.#await();
  }

  /** It does not, or an attempt at another one has failed. */
  down(why: string): void {
    const wasUp = this.#isUp;
    this.#isUp = false;
    this.#why = why;
    if (wasUp) this.#await(); // not after each attempt: they come faster than the grace ends
  }

  /** A call was answered in time. */
  hit(): void {
    this.#misses = 0;
  }

  /** A call was not. */
  miss(): void {
    this.#misses++;
    if (!this.#isUp) return;
    if (this.#misses >= MAX_MISSES) this.#say(false, "no answer in time");
    if (!this.#isAnswering) this.#await();
  }

  /** Nothing is said from now on. */
  close(): void {
    clearTimeout(this.#timer);
    this.#isUp = false;
  }

  /** Until the state that began now has lasted long enough to be said. */
  #await(): void {
    clearTimeout(this.#timer);
    if (this.#isUp === this.#isAnswering) return;
    this.#timer = setTimeout(() => this.#say(this.#isUp, this.#why), this.#isUp ? CALM_MS : GRACE_MS);
    this.#timer.unref();
  }

  #say(isAnswering: boolean, why: string): void {
    if (isAnswering === this.#isAnswering) return;
    this.#isAnswering = isAnswering;
    this.#report({ isAnswering, why: isAnswering ? undefined : why });
  }
}
