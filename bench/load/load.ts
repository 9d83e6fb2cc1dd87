import { Connection } from "./connection.ts";
import { Histogram } from "./histogram.ts";
import type { LoadResult } from "./messages.ts";

/** How long after the end of a run answers are waited for; what is missing then has failed. */
const PATIENCE_MS = 5_000;

/** A closed loop over a number of connections: each sends its next request when its last one is answered. */
export class Load {
  readonly #connections: readonly Connection[];
  #run: Run | undefined;

  constructor(port: number, requests: readonly Buffer[], connections: number) {
    this.#connections = Array.from(
      { length: connections },
      // Each begins with another customer, so that they do not go through them in step.
      (_, index) => new Connection({ port, requests, first: index * 7, onDone: (...done) => this.#run?.enter(...done) }),
    );
  }

  /** Opens all connections. */
  async open(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.open()));
  }

  /** Sends requests for so long, and waits for the last answers: what is counted lies within the run entirely. */
  async run(seconds: number): Promise<LoadResult> {
    const run = new Run(this.#connections, seconds * 1000);
    this.#run = run;
    const result = await run.result;
    this.#run = undefined;
    return result;
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }
}

class Run {
  readonly result: Promise<LoadResult>;
  readonly #settle: (result: LoadResult) => void;
  readonly #histogram = new Histogram();
  readonly #startedAt = performance.now();
  readonly #endsAt: number;
  readonly #guard: NodeJS.Timeout;
  #busy: number; // connections with a request under way
  #failures = 0;

  constructor(connections: readonly Connection[], ms: number) {
    const { promise, resolve } = Promise.withResolvers<LoadResult>();
    this.result = promise;
    this.#settle = resolve;
    this.#endsAt = this.#startedAt + ms;
    this.#busy = connections.length;
    this.#guard = setTimeout(() => this.#finish(), ms + PATIENCE_MS);
    for (const connection of connections) connection.send();
  }

  enter(connection: Connection, status: number, us: number): void {
    if (status !== 200) this.#failures++;
    this.#histogram.record(us);
    if (performance.now() < this.#endsAt) connection.send();
    else if (--this.#busy === 0) this.#finish();
  }

  #finish(): void {
    clearTimeout(this.#guard);
    const histogram = this.#histogram;
    this.#settle({
      requests: histogram.count + this.#busy,
      failures: this.#failures + this.#busy,
      seconds: (performance.now() - this.#startedAt) / 1000,
      meanUs: histogram.meanUs(),
      p50Us: histogram.quantileUs(0.5),
      p99Us: histogram.quantileUs(0.99),
      p999Us: histogram.quantileUs(0.999),
    });
  }
}
