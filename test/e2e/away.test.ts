import { afterEach, describe, expect, test } from "vitest";
import type { Client, Hit } from "../../src/cli/demo/traffic.ts";
import { RIFFLE_CLUSTER } from "../../src/core/rules.ts";
import { ENVOY_WORKERS, type Stage, type StageOptions, startStage, targetsOf } from "../support/stage.ts";
import { TRANSPORTS } from "../support/transports.ts";

const rules: StageOptions["rules"] = (backends) => ({
  clusters: { spare: [`127.0.0.1:${backends[7]?.port}`] },
  pools: { backends: { targets: targetsOf(backends), shard: { size: 2, salt: "pepper" } } },
});
const fallback = { when_down: { fallback: "spare" } };
const shot = { headers: { "x-customer-id": "acme", "x-target-cluster": "backend_0" } };

const unhurried = { health_interval: "400ms" }; // a drain waits for three of them, and a busy machine may need them

describe.each(TRANSPORTS)("%s", (transport) => {
  let stage: Stage;
  const clients: Client[] = [];
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await stage?.stop();
  });

  async function setStage(options: Omit<StageOptions, "rules">): Promise<void> {
    stage = await startStage({ rules, transport, ...options });
  }
  function client(connections?: number): Client {
    const one = stage.client(connections);
    clients.push(one);
    return one;
  }

  describe("while riffle is away a forged control header chooses nothing", () => {
    test("refuse: every request is answered with 503, by no target", async () => {
      await setStage({});
      await stage.riffles[0]?.stop(0); // killed at once
      for (let sent = 0; sent < 20; sent++) expect(await client().send(shot)).toMatchObject({ status: 503, servedBy: undefined });
    });

    test("fallback: every request is served by the named cluster", async () => {
      await setStage({ envoy: fallback });
      await stage.riffles[0]?.stop(0);
      for (let sent = 0; sent < 20; sent++) expect(await client().send(shot)).toMatchObject({ status: 200, servedBy: "backend_7" });
    });
  });

  describe("SIGTERM under load: riffle exits with 0, and no request fails", () => {
    test("with a second riffle behind the same Envoy", async () => {
      await setStage({ riffles: 2, envoy: unhurried });
      const { hits, exitCode } = await loadWhileStopping();
      expect(exitCode).toBe(0);
      expect(hits.length).toBeGreaterThan(500);
      expect(failed(hits)).toEqual([]);
      const shard = stage.snapshot.pools
        .get("backends")
        ?.shardOf("acme")
        .map(({ id }) => id);
      expect(new Set(hits.map(({ servedBy }) => servedBy))).toEqual(new Set(shard));
    });

    test("with a fallback", async () => {
      await setStage({ envoy: { ...fallback, ...unhurried } });
      const { hits, exitCode } = await loadWhileStopping();
      expect(exitCode).toBe(0);
      expect(hits.length).toBeGreaterThan(500);
      expect(failed(hits)).toEqual([]);
      expect(hits.at(-1)?.servedBy).toBe("backend_7");
    });

    const failed = (hits: readonly Hit[]): readonly Hit[] => hits.filter(({ status }) => status !== 200).slice(0, 3);

    /** Sends without a pause from before the signal until after the exit. */
    async function loadWhileStopping(): Promise<{ readonly hits: readonly Hit[]; readonly exitCode: number | null | undefined }> {
      const riffle = stage.riffles[0];
      const hits: Hit[] = [];
      let stopAt = Number.POSITIVE_INFINITY;
      function* endless(): Generator<typeof shot> {
        while (hits.length < stopAt) yield shot;
      }
      const load = client(16).sendAll(endless(), (hit) => {
        hits.push(hit);
        if (hits.length === 300) riffle?.process.kill("SIGTERM");
      });
      await riffle?.ended;
      stopAt = hits.length + 300;
      await load;
      return { hits, exitCode: riffle?.process.exitCode };
    }
  });
});

test("connections that reach max_connection_age are replaced under load, and no request fails", async () => {
  const stage = await startStage({ rules, listen: { max_connection_age: "300ms" } });
  const client = stage.client(8);
  try {
    const hits: Hit[] = [];
    const connections = (): Promise<number> => stage.envoy.stat(`cluster.${RIFFLE_CLUSTER}.upstream_cx_total`);
    const wanted = (await connections()) + 3 * ENVOY_WORKERS; // each worker's own, three times over
    while ((await connections()) < wanted) await client.sendAll(Array(100).fill(shot), (hit) => hits.push(hit));
    expect(hits.filter(({ status }) => status !== 200)).toEqual([]);
    expect(await stage.envoy.stat("http.ingress.ext_proc.streams_failed")).toBe(0);
  } finally {
    client.close();
    await stage.stop();
  }
});

// Left to itself Envoy tells its workers of a second change only a second after the first (update_merge_window).
test("a riffle that drains right after another gets no more streams once Envoy knows", async () => {
  const stage = await startStage({ rules, riffles: 3 });
  const client = stage.client();
  try {
    stage.riffles[2]?.process.kill("SIGTERM");
    await stage.healthy(2);
    stage.riffles[0]?.process.kill("SIGTERM");
    await stage.healthy(1);
    await sendAll(20); // until then a worker may not have heard
    const before = await streamsOf("0.sock");
    expect(before).toBeGreaterThanOrEqual(0); // a number, that is
    await sendAll(100);
    expect(await streamsOf("0.sock")).toBe(before);
  } finally {
    client.close();
    await stage.stop();
  }

  async function sendAll(count: number): Promise<void> {
    await client.sendAll(Array(count).fill(shot), ({ status }) => expect(status).toBe(200));
  }
  async function streamsOf(socket: string): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${stage.envoy.adminPort}/clusters`)).text();
    return Number(new RegExp(`^riffle::.*/${socket}::rq_total::(\\d+)$`, "m").exec(text)?.[1]);
  }
});
