import { setTimeout as sleep } from "node:timers/promises";
import { Connection } from "../../../bench/load/connection.ts";

export interface VolleyOptions {
  readonly port: number; // Envoy's, on loopback
  readonly connections: number;
  readonly count: number; // requests in all
  readonly perSecond?: number; // absent: as fast as answers come
  readonly customers: readonly string[];
  /** Told once, after the first tenth. */
  readonly onTenth: () => void;
}

export interface VolleyResult {
  readonly failures: ReadonlyMap<number, number>; // by status other than 200; 0: no response
  readonly seconds: number;
  readonly slowestMs: number; // of one request
}

/** Sends requests through Envoy, one at a time on each connection, and waits for all answers. */
export async function sendVolley({ port, connections: count, customers, ...options }: VolleyOptions): Promise<VolleyResult> {
  const requests = customers.map((id) => Buffer.from(`GET / HTTP/1.1\r\nhost: slow.test\r\nx-customer-id: ${id}\r\n\r\n`, "latin1"));
  const volley = new Volley(options);
  const connections = Array.from(
    { length: count },
    // Each begins with another customer, so that they do not go through them in step.
    (_, index) => new Connection({ port, requests, first: index * 7, onDone: (...done) => volley.enter(...done) }),
  );
  await Promise.all(connections.map((one) => one.open()));
  const result = await volley.run(connections);
  for (const one of connections) one.close();
  return result;
}

type Pace = Pick<VolleyOptions, "count" | "perSecond" | "onTenth">;

class Volley {
  readonly #pace: Pace;
  readonly #failures = new Map<number, number>();
  readonly #idle: Connection[] = [];
  readonly #over = Promise.withResolvers<void>();
  #due = 0; // how many may have been sent by now
  #sent = 0;
  #done = 0;
  #slowestUs = 0;

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  async run(connections: readonly Connection[]): Promise<VolleyResult> {
    const { count, perSecond } = this.#pace;
    const startedAt = performance.now();
    const elapsed = (): number => (performance.now() - startedAt) / 1000;
    this.#idle.push(...connections);
    while (this.#due < count) {
      this.#due = Math.min(count, perSecond === undefined ? count : Math.floor(elapsed() * perSecond));
      this.#send();
      if (this.#due < count) await sleep(1);
    }
    await this.#over.promise;
    return { failures: this.#failures, seconds: elapsed(), slowestMs: this.#slowestUs / 1000 };
  }

  enter(connection: Connection, status: number, us: number): void {
    this.#slowestUs = Math.max(this.#slowestUs, us);
    if (status !== 200) this.#failures.set(status, (this.#failures.get(status) ?? 0) + 1);
    this.#done++;
    if (this.#done === Math.ceil(this.#pace.count / 10)) this.#pace.onTenth();
    if (this.#done === this.#pace.count) this.#over.resolve();
    this.#idle.push(connection);
    this.#send();
  }

  #send(): void {
    while (this.#sent < this.#due) {
      const connection = this.#idle.shift();
      if (connection === undefined) return;
      this.#sent++;
      connection.send();
    }
  }
}
