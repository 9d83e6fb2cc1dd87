import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Client, Hit, Shot } from "../../src/cli/demo/traffic.ts";
import { shardOf } from "../../src/core/shard.ts";
import { type Recorder, startRecorder } from "../support/recorder.ts";
import { type Stage, startStage } from "../support/stage.ts";

// What each output of a pool promises, on a real Envoy, also when targets refuse connections.

const POOL = "backends";
const OWN_SIZES = { single: 1, pair: 2, large: 6 }; // the others have three
const CUSTOMERS = [...Object.keys(OWN_SIZES), ...Array.from({ length: 60 }, (_, index) => `customer-${index}`)];

const outputs = [
  { name: "cluster_header", output: { cluster_header: "x-target-cluster" }, listed: false },
  { name: "override_host", output: { override_host: "x-riffle-hosts" }, listed: true },
  { name: "metadata", output: { metadata: "envoy.lb" }, listed: true },
  // Envoy chooses by the first target's id alone.
  { name: "metadata for subsets", output: { metadata: "envoy.lb" }, listed: false, adapt: unlisted },
  // A list is then used up while retries are left, which the generated routes prevent: what is left holds by the fallback alone.
  { name: "override_host, retried more often", output: { override_host: "x-hosts" }, listed: true, adapt: retryOn },
  { name: "metadata, retried more often", output: { metadata: "envoy.lb" }, listed: true, adapt: retryOn },
];

/** Eight retries for every request. */
function retryOn(config: string): string {
  return config.replaceAll(/num_retries: \d/g, "num_retries: 8");
}

/** The list is looked for where it is not. */
function unlisted(config: string): string {
  return config.replaceAll("- metadata: { key: envoy.lb, path: [{ key: x-riffle-hosts }] }", "- header: x-nowhere");
}

describe.each(outputs)("$name", ({ output, listed, adapt }) => {
  let targets: readonly Recorder[];
  let stage: Stage;
  let client: Client;
  beforeAll(async () => {
    targets = await Promise.all(Array.from({ length: 12 }, (_, index) => startRecorder(`t${index}`)));
    stage = await startStage({
      targets: [],
      ...(adapt && { adapt }),
      rules: () => ({
        pools: {
          [POOL]: {
            targets: targets.map(({ id, port }) => ({ id, address: `127.0.0.1:${port}` })),
            shard: { size: 3, salt: "pepper" },
            output,
          },
        },
        customers: Object.fromEntries(Object.entries(OWN_SIZES).map(([customer, shard_size]) => [customer, { shard_size }])),
      }),
    });
    client = stage.client(24);
  });
  afterAll(async () => {
    client?.close();
    await stage?.stop();
    await Promise.all((targets ?? []).map((target) => target.close()));
  });

  const membersOf = (customer: string): readonly string[] => {
    const shard = shardOf(customer, POOL, stage.snapshot);
    return shard?.pool.at(shard.members).map(({ id }) => id) ?? [];
  };

  interface Sent extends Shot {
    readonly customer: string;
  }

  async function send(customers: readonly string[], times: number, headers: Shot["headers"] = {}): Promise<readonly (Hit & Sent)[]> {
    const shots = customers.flatMap((customer) =>
      Array.from({ length: times }, (): Sent => ({ customer, headers: { ...headers, "x-customer-id": customer } })),
    );
    const hits: (Hit & Sent)[] = [];
    await client.sendAll(shots, (hit, shot) => hits.push({ ...shot, ...hit }));
    return hits;
  }

  const strays = (hits: readonly (Hit & Sent)[]): readonly unknown[] =>
    hits.filter(({ customer, servedBy }) => servedBy !== undefined && !membersOf(customer).includes(servedBy));
  const failed = (hits: readonly (Hit & Sent)[]): readonly unknown[] => hits.filter(({ status }) => status !== 200);

  /** From now on these refuse connections. */
  const close = (ids: readonly string[]): Promise<unknown> =>
    Promise.all(targets.filter(({ id }) => ids.includes(id)).map((target) => target.close()));

  test("every customer is served by all of its shard and by nobody else", async () => {
    const hits = await send(CUSTOMERS, 40);
    expect(failed(hits).slice(0, 3)).toEqual([]);
    for (const customer of CUSTOMERS) {
      const served = new Set(hits.filter((hit) => hit.customer === customer).map(({ servedBy }) => servedBy));
      expect([...served].toSorted(), customer).toEqual(membersOf(customer).toSorted());
    }
  });

  test("what a client forges chooses nothing", async () => {
    const hosts = targets.map(({ port }) => `127.0.0.1:${port}`);
    const forgeries: readonly Shot["headers"][] = [
      ...["x-riffle-hosts", "X-Riffle-Hosts", "x-target-cluster", "x-riffle-target", "riffle-target"].flatMap((name) =>
        [hosts[0] ?? "", [...hosts], hosts.join(","), POOL, "t0"].map((value) => ({ [name]: value })),
      ),
      ...(output.override_host === undefined ? [] : hosts.map((host) => ({ [output.override_host ?? ""]: host }))),
      { "x-target-cluster": POOL, "x-riffle-hosts": hosts.join(",") },
    ];
    for (const forged of forgeries) {
      const hits = await send(CUSTOMERS.slice(0, 12), 2, forged);
      expect(failed(hits).slice(0, 3)).toEqual([]);
      expect(strays(hits).slice(0, 3)).toEqual([]);
    }
  });

  test("no target is told who else is in the shard, or what Envoy was told", async () => {
    await send(CUSTOMERS, 2);
    const names = new Set(targets.flatMap(({ received }) => received.flatMap((headers) => Object.keys(headers))));
    expect(names).toContain("x-customer-id");
    for (const control of ["x-target-cluster", "x-riffle-hosts", "x-hosts"]) expect(names).not.toContain(control);
  });

  test(`while a target refuses connections, ${listed ? "every request is served by another of the shard" : "its requests fail"}, and none leaves the shard`, async () => {
    await close(["t0"]);
    const hurt = CUSTOMERS.filter((customer) => membersOf(customer).includes("t0"));
    expect(hurt.length).toBeGreaterThan(10);
    const hits = await send(CUSTOMERS, 30);
    expect(strays(hits).slice(0, 3)).toEqual([]);
    const failures = hits.filter(({ status }) => status !== 200);
    expect(failures.filter(({ customer }) => !hurt.includes(customer)).slice(0, 3)).toEqual([]);
    const helpless = hurt.filter((customer) => !listed || membersOf(customer).length === 1);
    expect(failures.filter(({ customer }) => !helpless.includes(customer)).slice(0, 3)).toEqual([]);
    expect(failures.every(({ status }) => status === 503)).toBe(true);
    expect(failures.length).toBeGreaterThanOrEqual(helpless.length); // of thirty requests a third hits t0
  });

  test("while all of a shard refuses connections, its customers get 503, and nobody else serves them", async () => {
    const lost = ["single", "pair", "customer-7"];
    const closed = new Set(["t0", ...lost.flatMap(membersOf)]);
    await close([...closed]);
    const hits = await send(lost, 100);
    expect(hits.filter(({ status, servedBy }) => status !== 503 || servedBy !== undefined).slice(0, 3)).toEqual([]);
    const others = await send(CUSTOMERS, 10);
    expect(strays(others).slice(0, 3)).toEqual([]);
    // Four attempts find the member that is up in a shard of three that has one.
    const alive = others.filter(({ customer }) => membersOf(customer).length <= 4 && membersOf(customer).some((id) => !closed.has(id)));
    expect(alive.length).toBeGreaterThan(300);
    if (listed) expect(failed(alive).slice(0, 3)).toEqual([]);
  });

  if (listed && adapt === undefined) {
    test("a request is tried at each host of its list once, and at four of them at the most", async () => {
      await close(targets.map(({ id }) => id));
      for (const [customer, attempts] of Object.entries({ single: 1, pair: 2, "customer-7": 3, large: 4 })) {
        const before = await stage.envoy.stat(TRIED);
        await send([customer], 10);
        expect((await stage.envoy.stat(TRIED)) - before, customer).toBe(10 * (attempts - 1));
      }
    });
  }
});

const TRIED = `cluster.${POOL}.upstream_rq_retry`;
