import { afterEach, describe, expect, test } from "vitest";
import type { Client, Hit } from "../../src/cli/demo/traffic.ts";
import { type Stage, type StageOptions, startStage, targetsOf } from "../support/stage.ts";

const rules: StageOptions["rules"] = (backends) => ({
  clusters: { spare: [`127.0.0.1:${backends[7]?.port}`] },
  pools: { backends: { targets: targetsOf(backends), shard: { size: 2, salt: "pepper" } } },
});
const fallback = { when_down: { fallback: "spare" } };
const shot = { headers: { "x-customer-id": "acme", "x-target-cluster": "backend_0" } };

let stage: Stage;
const clients: Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await stage?.stop();
});

async function setStage(options: Omit<StageOptions, "rules">): Promise<void> {
  stage = await startStage({ rules, ...options });
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
    await setStage({ riffles: 2 });
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
    await setStage({ envoy: fallback });
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
