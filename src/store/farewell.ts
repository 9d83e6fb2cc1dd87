/** How long connections stay open for exchanges that began before a change of rules. */
export const FAREWELL_MS = 10_000;

interface Closable {
  close(): Promise<void>;
}

/** Closes what no rules name any more, once exchanges that began with it could finish. */
export class Farewell {
  readonly #leaving = new Map<NodeJS.Timeout, Closable>();

  leave(one: Closable): void {
    const timer = setTimeout(() => {
      this.#leaving.delete(timer);
      void one.close();
    }, FAREWELL_MS);
    timer.unref();
    this.#leaving.set(timer, one);
  }

  /** Closes all of them now. */
  async close(): Promise<void> {
    const all = [...this.#leaving.values()];
    for (const timer of this.#leaving.keys()) clearTimeout(timer);
    this.#leaving.clear();
    await Promise.all(all.map((one) => one.close()));
  }
}
