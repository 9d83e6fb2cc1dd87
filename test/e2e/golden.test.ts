import { afterAll, beforeAll, expect, test } from "vitest";
import type { Backend } from "../../src/cli/demo/backends.ts";
import type { Client } from "../../src/cli/demo/traffic.ts";
import { type Stage, startStage } from "../support/stage.ts";
import vectors from "../vectors/sharding-vectors.json" with { type: "json" };

// Golden deals of a few pools: each deal is a riffle pool of its own here, reached by its path.
const POOLS = ["eight", "zones_equal", "zones_skewed", "zones_five"];
const MODES = new Map([
  ["plain", "plain"],
  ["min_zones", "min"],
]);
const MOST_REQUESTS = 1000; // until every member has answered; eight of eight take 22 on average

const golden = vectors.deals.filter(
  ({ pool, mode, reseed, customer }) => POOLS.includes(pool) && MODES.has(mode) && reseed === 0 && customer !== "",
);
const pools: Record<string, readonly { readonly id: string; readonly zone?: string }[]> = vectors.pools;
const byId = new Map(POOLS.flatMap((name) => pools[name] ?? []).map(({ id }) => [id, { id, zone: "" }]));

let stage: Stage;
let client: Client;
beforeAll(async () => {
  stage = await startStage({ targets: [...byId.values()], rules });
  client = stage.client();
});
afterAll(async () => {
  client?.close();
  await stage?.stop();
});

function rules(backends: readonly Backend[]): Record<string, unknown> {
  const ports = new Map(backends.map(({ id, port }) => [id, port]));
  const poolOf = ({ pool, k, mode, minZones, salt }: (typeof golden)[number]): unknown => ({
    targets: pools[pool]?.map((target) => ({ ...target, address: `127.0.0.1:${ports.get(target.id)}` })),
    shard: { size: k, salt, zones: MODES.get(mode), ...(mode === "plain" ? {} : { min_zones: minZones }) },
  });
  return {
    pools: Object.fromEntries(golden.map((deal, index) => [`deal-${index}`, poolOf(deal)])),
    virtual_hosts: [{ routes: golden.map((_, index) => ({ match: { prefix: `/${index}/` }, target: { pool: `deal-${index}` } })) }],
  };
}

test.each(golden.map((deal, index) => ({ ...deal, index })))(
  "through a real Envoy $customer is served by its golden shard of $pool, all of it and nothing else ($mode, $k)",
  async ({ customer, deal, index }) => {
    const shot = { path: `/${index}/`, headers: { "x-customer-id": Buffer.from(customer).toString("latin1") } };
    const served = new Set<string | undefined>();
    for (let sent = 0; sent < MOST_REQUESTS && served.size < deal.length; sent++) served.add((await client.send(shot)).servedBy);
    for (let sent = 0; sent < 20; sent++) served.add((await client.send(shot)).servedBy);
    expect([...served].toSorted()).toEqual(deal.toSorted());
  },
);
