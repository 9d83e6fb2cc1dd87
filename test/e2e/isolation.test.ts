import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Client, Hit, Shot } from "../../src/cli/demo/traffic.ts";
import { decideWritten } from "../../src/cli/explain.ts";
import { explain } from "../../src/core/explain.ts";
import { type Stage, startStage, targetsOf } from "../support/stage.ts";

const twins = [
  { transport: "own", requests: 20_000, customers: 1_000 },
  { transport: "grpc-js", requests: 4_000, customers: 100 },
] as const;

describe.each(twins)("$transport", ({ transport, requests, customers }) => {
  let stage: Stage;
  let client: Client;
  beforeAll(async () => {
    stage = await startStage({
      transport,
      rules: (backends) => ({
        clusters: { health: [`127.0.0.1:${backends[0]?.port}`] },
        pools: { backends: { targets: targetsOf(backends), shard: { size: 2, salt: "pepper" } } },
        virtual_hosts: [
          {
            routes: [
              { match: { prefix: "/health" }, target: { cluster: "health" } },
              { match: { prefix: "/orders" }, target: { pool: "backends" } },
            ],
          },
        ],
      }),
    });
    client = stage.client(32);
  });
  afterAll(async () => {
    client?.close();
    await stage?.stop();
  });

  const shardOf = (customer: string): readonly string[] =>
    stage.snapshot.pools
      .get("backends")
      ?.shardOf(customer)
      .map(({ id }) => id) ?? [];
  const outsideOf = (customer: string): string => stage.backends.find(({ id }) => !shardOf(customer).includes(id))?.id ?? "";
  const order = (customer: string, headers: Shot["headers"] = {}): Shot => ({
    path: "/orders/1",
    headers: { "x-customer-id": customer, ...headers },
  });
  const sendTimes = (times: number, shot: Shot): Promise<Hit[]> => Promise.all(Array.from({ length: times }, () => client.send(shot)));

  describe("who is served by whom", () => {
    test(`${requests.toLocaleString("en")} requests at 32 connections, with Envoy resetting every side stream: each stays in its shard, none fails`, async () => {
      const names = Array.from({ length: 50 }, (_, index) => `customer-${index}`);
      const shards = new Map(names.map((customer) => [customer, shardOf(customer)]));
      const wrong: unknown[] = [];
      const shots = Array.from({ length: requests }, (_, index) => ({
        ...order(names[index % 50] ?? ""),
        customer: names[index % 50] ?? "",
      }));
      await client.sendAll(shots, (hit, { customer }) => {
        if (hit.status !== 200 || !shards.get(customer)?.includes(hit.servedBy ?? "")) wrong.push({ customer, ...hit });
      });
      expect(wrong.slice(0, 3)).toEqual([]);
      expect(await stage.envoy.stat("http.ingress.ext_proc.streams_failed")).toBe(0);
      expect(await stage.envoy.stat("http.ingress.ext_proc.streams_started")).toBeGreaterThanOrEqual(requests);
    }, 120_000);

    test(`\`explain\` gives the shard that the running system uses, for ${customers.toLocaleString("en")} random customers`, async () => {
      const random = randomCustomers(customers);
      await Promise.all(Array.from({ length: 32 }, () => worker()));

      async function worker(): Promise<void> {
        for (let customer = random.pop(); customer !== undefined; customer = random.pop()) await compare(customer);
      }
      async function compare(customer: string): Promise<void> {
        const decision = await decideWritten({ method: "GET", url: "/orders/1", header: [`x-customer-id: ${customer}`] }, stage.snapshot);
        const explained = explain(decision).shard?.members ?? [];
        expect(explained).toHaveLength(2);
        const seen = new Set<string | undefined>();
        for (let sent = 0; sent < 500 && seen.size < 2; sent++) seen.add((await client.send(order(customer))).servedBy);
        expect([...seen].toSorted(), customer).toEqual(explained.toSorted());
      }
    }, 120_000);

    test("a route to a fixed cluster needs no customer", async () => {
      expect(await client.send({ path: "/health" })).toMatchObject({ status: 200, servedBy: "backend_0" });
    });
  });

  describe("a forged control header chooses nothing", () => {
    test.each<[string, (outside: string) => Shot["headers"]]>([
      ["as it is", (outside) => ({ "x-target-cluster": outside })],
      ["in capitals", (outside) => ({ "X-TARGET-CLUSTER": outside })],
      ["repeated", (outside) => ({ "x-target-cluster": [outside, outside] })],
      ["naming riffle's own cluster", () => ({ "x-target-cluster": "riffle" })],
      ["a header of riffle's own", (outside) => ({ "x-riffle-hosts": outside })],
    ])("%s", async (_, forge) => {
      const hits = await sendTimes(20, order("acme", forge(outsideOf("acme"))));
      for (const hit of hits) expect(hit.status).toBe(200);
      for (const hit of hits) expect(shardOf("acme")).toContain(hit.servedBy);
    });

    test("with underscores Envoy refuses the request", async () => {
      expect(await client.send(order("acme", { x_target_cluster: outsideOf("acme") }))).toMatchObject({ status: 400, servedBy: undefined });
    });

    test("on a route to a fixed cluster", async () => {
      const hit = await client.send({ path: "/health", headers: { "x-target-cluster": "backend_5" } });
      expect(hit).toMatchObject({ status: 200, servedBy: "backend_0" });
    });
  });

  describe("what clients may get wrong is answered, never thrown", () => {
    test.each<[string, Shot, number]>([
      ["no customer", { path: "/orders" }, 400],
      ["an empty customer", order(""), 400],
      ["a customer of 257 bytes", order("x".repeat(257)), 400],
      ["a repeated customer", { path: "/orders", headers: { "x-customer-id": ["acme", "acme"] } }, 400],
      ["no route", { path: "/nowhere", headers: { "x-customer-id": "acme" } }, 404],
      ["90 headers more", order("acme", Object.fromEntries(Array.from({ length: 90 }, (_, index) => [`x-h-${index}`, "v"]))), 200],
      ["a header value of 40 KiB", order("acme", { "x-long": "v".repeat(40_960) }), 200],
      ["a query of 8 KiB", { ...order("acme"), path: `/orders?${"q".repeat(8192)}` }, 200],
    ])("%s", async (_, shot, status) => {
      expect((await client.send(shot)).status).toBe(status);
    });

    test("a customer is hashed as the bytes received, UTF-8 or not", async () => {
      for (const customer of ["\xff\xfe\x80", "caf\xe9", "\xe9\xa1\xa7"]) {
        const hits = await sendTimes(10, order(customer));
        for (const hit of hits) expect(shardOf(customer)).toContain(hit.servedBy);
      }
    });
  });
});

/** Printable names of 1–24 letters, seeded so that a failure can be repeated. */
function randomCustomers(count: number): string[] {
  let state = 42;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const letter = (): string => "abcdefghijklmnopqrstuvwxyz0123456789-_.@"[next(40)] ?? "";
  return Array.from({ length: count }, () => Array.from({ length: 1 + next(24) }, letter).join(""));
}
