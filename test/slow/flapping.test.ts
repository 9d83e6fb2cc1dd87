import { afterEach, describe, expect, test } from "vitest";
import type { Hit, Shot } from "../../src/cli/demo/traffic.ts";
import { type Recorder, startRecorder } from "../support/recorder.ts";
import { type Stage, startStage } from "../support/stage.ts";
import { scaled } from "./support/scale.ts";

const REQUESTS = scaled(100_000);
const TARGETS = 12;
const CUSTOMERS = Array.from({ length: 200 }, (_, index) => `customer-${index}`);
/** A target goes or comes each time so many requests have been answered. */
const FLAP_EVERY = 50;
const MOST_DOWN = 4;

describe(`${REQUESTS.toLocaleString("en")} requests while targets come and go`, () => {
  let stage: Stage | undefined;
  let targets: readonly Recorder[] = [];
  afterEach(async () => {
    await stage?.stop();
    await Promise.all(targets.map((target) => target.close()));
  });

  test.each([
    { output: { cluster_header: "x-target-cluster" } },
    { output: { override_host: "x-riffle-hosts" } },
    { output: { metadata: "envoy.lb" } },
  ])("$output: none of a customer's is served outside its shard", async ({ output }) => {
    targets = await Promise.all(Array.from({ length: TARGETS }, (_, index) => startRecorder(`t${index}`)));
    const addresses = targets.map(({ id, port }) => ({ id, address: `127.0.0.1:${port}` }));
    const ejection = { failures: 2, time: "200ms", max_time: "1s" };
    stage = await startStage({
      targets: [],
      rules: () => ({ pools: { p: { targets: addresses, shard: { size: 3, salt: "pepper" }, output, ejection } } }),
    });
    const pool = stage.snapshot.pools.get("p");
    const shards = new Map(CUSTOMERS.map((customer) => [customer, pool?.shardOf(customer).map(({ id }) => id) ?? []]));
    const strays: unknown[] = [];
    const statuses = new Map<number, number>();
    const flaps = new Flaps(targets);
    const client = stage.client(32);
    let done = 0;
    const enter = ({ status, servedBy }: Hit, { customer }: Sent): void => {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (servedBy !== undefined && !shards.get(customer)?.includes(servedBy)) strays.push({ customer, servedBy });
      if (++done % FLAP_EVERY === 0) flaps.next();
    };
    await client.sendAll(shots(), enter);
    await flaps.settled;
    client.close();
    process.stderr.write(`${JSON.stringify(output)}: ${flaps.count} times up or down; ${JSON.stringify(Object.fromEntries(statuses))}\n`);

    expect(strays.slice(0, 3)).toEqual([]);
    expect(done).toBe(REQUESTS);
    expect(flaps.count).toBeGreaterThan(REQUESTS / FLAP_EVERY / 2);
    expect(statuses.get(200)).toBeGreaterThan(REQUESTS / 2);
    expect([...statuses.keys()].filter((status) => status !== 200 && status !== 503)).toEqual([]);
  });
});

interface Sent extends Shot {
  readonly customer: string;
}

function* shots(): Generator<Sent> {
  for (let sent = 0; sent < REQUESTS; sent++) {
    const customer = CUSTOMERS[sent % CUSTOMERS.length] ?? "";
    yield { customer, headers: { "x-customer-id": customer } };
  }
}

/** Closes and opens one target after the other, at most some of them closed at one time. */
class Flaps {
  readonly #targets: readonly Recorder[];
  readonly #down: Recorder[] = [];
  #at = 0;
  count = 0;
  settled: Promise<void> = Promise.resolve();

  constructor(targets: readonly Recorder[]) {
    this.#targets = targets;
  }

  next(): void {
    this.settled = this.settled.then(() => this.#flap());
  }

  async #flap(): Promise<void> {
    this.count++;
    const oldest = this.#down.length === MOST_DOWN ? this.#down.shift() : undefined;
    if (oldest !== undefined) return oldest.open();
    this.#at += 5; // 5 and 12 have no common factor: all of them in turn
    const target = this.#targets[this.#at % this.#targets.length];
    if (target === undefined || this.#down.includes(target)) return;
    this.#down.push(target);
    await target.close();
  }
}
