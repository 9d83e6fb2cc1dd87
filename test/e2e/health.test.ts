import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../../src/cli/demo/run-envoy.ts";
import type { Client, Hit } from "../../src/cli/demo/traffic.ts";
import { testEnvoy } from "../support/envoy.ts";
import { PATIENCE_MS, type Stage, startStage } from "../support/stage.ts";
import { TestTarget } from "../support/target.ts";

const EJECTION = { failures: 3, time: "1m", share: "50%" };
const SOON = { ...EJECTION, time: "300ms" };

// Envoy 1.36 ends riffle's stream without showing it the 503 that Envoy itself makes of a refused connection, and so ends one whose
// client has gone: who took that for a target's failure would let clients eject targets. 1.37 and newer show it.
const testOfRefusals = test.skipIf(testEnvoy().version === "1.36");

/** What differs between the pools, each for one test: what one observes in a pool is nothing to another. */
const POOLS = {
  steady: { shard: { size: 2 }, ejection: EJECTION },
  soon: { shard: { size: 2 }, ejection: SOON },
  loaded: { shard: { size: 2, pick: "least_loaded" } },
  dark: { shard: { size: 2 }, ejection: EJECTION },
  relief: { shard: { size: 2 }, ejection: SOON },
} as const;
type PoolName = keyof typeof POOLS;
const names = Object.keys(POOLS) as readonly PoolName[];

/** A customer that may spill to one target; nobody else may. */
const SPILLER = "spiller";

describe("what an instance observes of its targets", () => {
  let stage: Stage;
  let client: Client;
  const targets = new Map<PoolName, readonly TestTarget[]>();

  beforeAll(async () => {
    for (const name of names) targets.set(name, await TestTarget.open([0, 1, 2, 3].map((index) => `${name}_${index}`)));
    stage = await startStage({
      targets: [],
      rules: () => ({
        pools: Object.fromEntries(names.map((name) => [name, { ...POOLS[name], targets: of(name).map(({ rules }) => rules) }])),
        customers: { [SPILLER]: { spill: "1" } },
        virtual_hosts: [{ routes: names.map((name) => ({ match: { prefix: `/${name}` }, target: { pool: name } })) }],
      }),
    });
    client = stage.client(16);
  });
  afterAll(async () => {
    client?.close();
    await stage?.stop();
    for (const target of [...targets.values()].flat()) await target.down();
  });

  const of = (name: PoolName): readonly TestTarget[] => targets.get(name) ?? [];
  const shardOf = (name: PoolName, customer: string): readonly string[] =>
    stage.snapshot.pools
      .get(name)
      ?.shardOf(customer)
      .map(({ id }) => id) ?? [];
  const targetsOf = (name: PoolName, ids: readonly string[]): readonly TestTarget[] => of(name).filter(({ id }) => ids.includes(id));
  const send = (name: PoolName, customer: string): Promise<Hit> =>
    client.send({ path: `/${name}`, headers: { "x-customer-id": customer } });
  async function sendTimes(times: number, name: PoolName, customer: string): Promise<readonly Hit[]> {
    const hits: Hit[] = [];
    for (let i = 0; i < times; i++) hits.push(await send(name, customer)); // one by one
    return hits;
  }
  const serving = (hits: readonly Hit[]): ReadonlySet<string | undefined> =>
    new Set(hits.filter(({ status }) => status === 200).map(({ servedBy }) => servedBy));
  const eventually = <T>(ask: () => Promise<T | undefined>): Promise<T> => until(ask, AbortSignal.timeout(PATIENCE_MS));

  testOfRefusals(
    "a target that refuses connections costs three 503s, then all of its customers are served by the rest of their shards",
    async () => {
      const shard = shardOf("steady", "acme");
      const [dead = "", alive] = shard;
      await targetsOf("steady", [dead])[0]?.down();
      const hits = await sendTimes(100, "steady", "acme");
      expect(hits.filter(({ status }) => status === 503)).toHaveLength(EJECTION.failures);
      expect(serving(hits)).toEqual(new Set([alive]));

      for (let index = 0; index < 20; index++) {
        const customer = `customer-${index}`;
        const others = await sendTimes(10, "steady", customer);
        expect(others.filter(({ status }) => status !== 200)).toEqual([]);
        const theirs = shardOf("steady", customer).filter((id) => id !== dead);
        for (const id of serving(others)) expect(theirs).toContain(id);
      }
    },
  );

  test("a target that is back gets requests again once its time is over, and nobody outside of the shard ever does", async () => {
    const shard = shardOf("soon", "acme");
    const target = targetsOf("soon", shard.slice(0, 1))[0];
    const seen = new Set<string | undefined>();
    const sendOne = async (): Promise<Hit> => {
      const hit = await send("soon", "acme");
      if (hit.status === 200) seen.add(hit.servedBy);
      return hit;
    };
    await target?.down();
    let failed = 0;
    await eventually(async () => {
      if ((await sendOne()).status === 503) failed++;
      return failed >= SOON.failures ? true : undefined;
    });
    await target?.up();
    await eventually(async () => ((await sendOne()).servedBy === target?.id ? true : undefined));
    expect((await sendTimes(50, "soon", "acme")).filter(({ status }) => status !== 200)).toEqual([]);
    expect([...seen].toSorted()).toEqual([...shard].toSorted());
  });

  test("with least_loaded the faster target of a shard serves by far the most", async () => {
    const [slow, fast] = targetsOf("loaded", shardOf("loaded", "acme"));
    if (slow === undefined || fast === undefined) throw new Error("no shard of two");
    slow.delayMs = 1_500; // far longer than the other takes on the busiest machine: what it holds keeps it the busier one
    const shots = Array.from({ length: 400 }, () => ({ path: "/loaded", headers: { "x-customer-id": "acme" } }));
    const failed: Hit[] = [];
    await client.sendAll(shots, (hit) => {
      if (hit.status !== 200) failed.push(hit);
    });
    expect(failed).toEqual([]);
    expect(slow.served + fast.served).toBe(400);
    expect(slow.served).toBeGreaterThan(0);
    expect(fast.served).toBeGreaterThan(3 * slow.served);
  });

  testOfRefusals(
    "with all of a shard down its customers are refused and told why, but who may spill is served by one target beyond it",
    async () => {
      const shard = shardOf("dark", SPILLER);
      const sharing = (): string => {
        for (let index = 0; ; index++) if (isSame(shardOf("dark", `customer-${index}`), shard)) return `customer-${index}`;
      };
      const customer = sharing();
      for (const target of targetsOf("dark", shard)) await target.down();
      const ask = (): Promise<Response> => fetch(`http://127.0.0.1:${stage.envoy.port}/dark`, { headers: { "x-customer-id": customer } });
      const reason = "no-target-of-the-shard-is-up";
      await eventually(async () => ((await ask()).headers.get("x-riffle-reason") === reason ? true : undefined));
      const refused = await ask();
      expect([refused.status, refused.headers.get("x-riffle-reason"), await refused.text()]).toEqual([503, reason, ""]);

      const spilled = await sendTimes(50, "dark", SPILLER);
      expect(spilled.filter(({ status }) => status !== 200)).toEqual([]);
      expect(serving(spilled)).toHaveLength(1);
      expect(shard).not.toContain([...serving(spilled)][0]);
    },
  );

  testOfRefusals("who spilled is served by its own shard again when a member is back", async () => {
    const shard = shardOf("relief", SPILLER);
    const members = targetsOf("relief", shard);
    const isServedBy = (isMember: boolean) => async (): Promise<true | undefined> => {
      const { status, servedBy = "" } = await send("relief", SPILLER);
      return status === 200 && shard.includes(servedBy) === isMember ? true : undefined;
    };
    for (const target of members) await target.down();
    await eventually(isServedBy(false));
    await members[0]?.up();
    await eventually(isServedBy(true));
    await members[1]?.up();
    await eventually(async () => {
      const hits = await sendTimes(20, "relief", SPILLER);
      return isSame([...serving(hits)], shard) && hits.every(({ status }) => status === 200) ? true : undefined;
    });
  });
});

const isSame = (a: readonly unknown[], b: readonly unknown[]): boolean => new Set(a).symmetricDifference(new Set(b)).size === 0;
