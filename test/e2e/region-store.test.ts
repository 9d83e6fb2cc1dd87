import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { until } from "../../src/cli/demo/run-envoy.ts";
import type { Client, Hit } from "../../src/cli/demo/traffic.ts";
import { type Recorder, startRecorder } from "../support/recorder.ts";
import { hasRedis, type RedisServer, startRedis } from "../support/redis.ts";
import { PATIENCE_MS, type Stage, startStage } from "../support/stage.ts";

// What docs/regions.md promises of a table in the store: a real Envoy, whose clusters are the regions, and a real Redis.

const FALLBACK = "us-east";
const REGIONS = ["us-east", "eu-west"];

let redis: RedisServer;
let upstreams: readonly Recorder[];
let stage: Stage;
let client: Client;

describe.runIf(hasRedis)("a table in the store", () => {
  beforeAll(async () => {
    redis = await startRedis();
    upstreams = await Promise.all(REGIONS.map(startRecorder));
    const soon = { from: "store", ttl: "50ms", negative_ttl: "50ms" };
    const region = { allowed: REGIONS, fallback: FALLBACK };
    stage = await startStage({
      targets: [],
      rules: () => ({
        store: { redis: redis.url },
        clusters: Object.fromEntries(upstreams.map(({ id, port }) => [id, [`127.0.0.1:${port}`]])),
        customer: { from: [{ header: "x-customer-id" }] },
        discovery: { cells: soon, customers: { ...soon, by: "customer" }, tenants: { ...soon, by: "header:x-tenant" } },
        virtual_hosts: [
          {
            routes: [
              { match: { prefix: "/customer" }, region: { ...region, discovery: "customers" }, target: { header: "region" } },
              { match: { prefix: "/tenant" }, region: { ...region, discovery: "tenants" }, target: { header: "region" } },
              { match: { prefix: "/" }, region: { ...region, discovery: "cells" }, target: { header: "region" } },
            ],
          },
        ],
      }),
    });
    client = stage.client(16);
  });
  afterAll(async () => {
    client?.close();
    await stage?.stop();
    await Promise.all([redis?.end(), ...(upstreams ?? []).map((upstream) => upstream.close())]);
  });
  beforeEach(async () => {
    await redis.command("HSET", "riffle:region:cells", "eu.example.com", "eu-west");
    await servedBy("eu.example.com", "eu-west");
  });

  const send = (host: string, path = "/", headers: Record<string, string> = {}): Promise<Hit> =>
    client.send({ path, headers: { host, ...headers } });

  /** Resolves once a host's requests go there; every one on the way is answered. */
  async function servedBy(host: string, region: string, withinMs = PATIENCE_MS): Promise<void> {
    const isThere = async (): Promise<true | undefined> => {
      const hit = await send(host);
      expect(hit.status).toBe(200);
      return hit.servedBy === region ? true : undefined;
    };
    await until(isThere, AbortSignal.timeout(withinMs));
  }

  test("routes a request by what HSET put there, whoever it is looked up by", async () => {
    await redis.command("HSET", "riffle:region:customers", "acme%2Finc", "eu-west");
    await redis.command("HSET", "riffle:region:tenants", "t1", "eu-west");
    expect(await send("EU.example.com:80")).toMatchObject({ servedBy: "eu-west" });
    expect(upstreams.find(({ id }) => id === "eu-west")?.received.at(-1)?.region).toBe("eu-west");
    expect(await send("unknown.example.com")).toMatchObject({ servedBy: FALLBACK });
    expect(await send("a", "/customer", { "x-customer-id": "acme/inc" })).toMatchObject({ servedBy: "eu-west" });
    expect(await send("a", "/tenant", { "x-tenant": "t1" })).toMatchObject({ servedBy: "eu-west" });
  });

  test("is followed as it changes, without a restart", async () => {
    await redis.command("HSET", "riffle:region:cells", "moving.example.com", "eu-west");
    await servedBy("moving.example.com", "eu-west");
    await redis.command("HSET", "riffle:region:cells", "moving.example.com", "us-east");
    await servedBy("moving.example.com", "us-east");
    await redis.command("HDEL", "riffle:region:cells", "eu.example.com");
    await servedBy("eu.example.com", FALLBACK);
  });

  /** Under load, of a host that is known and of others that are not, does something to Redis; what went wrong meanwhile. */
  async function underLoad(act: () => Promise<void>): Promise<readonly Hit[]> {
    const wrong: Hit[] = [];
    let isOver = false;
    function* endless() {
      for (let sent = 0; !isOver; sent++) yield { headers: { host: sent % 2 === 0 ? "eu.example.com" : `h${sent}.example.com` } };
    }
    let answered = 0;
    const load = client.sendAll(endless(), (hit, { headers }) => {
      answered++;
      const expected = headers.host === "eu.example.com" ? "eu-west" : FALLBACK;
      if (hit.status !== 200 || hit.servedBy !== expected) wrong.push(hit);
    });
    const more = async (count: number): Promise<void> => {
      const goal = answered + count;
      await until(async () => (answered >= goal ? true : undefined), AbortSignal.timeout(PATIENCE_MS));
    };
    await more(200);
    await act();
    await more(2_000);
    isOver = true;
    await load;
    return wrong;
  }

  test("fails no request when Redis is killed under load: who is known stays, others get the fallback; all is well within 5 s of its return", async () => {
    expect(await underLoad(() => redis.stop())).toEqual([]);
    await redis.start();
    await redis.command("HSET", "riffle:region:cells", "new.example.com", "eu-west");
    await servedBy("new.example.com", "eu-west", 5_000);
  });

  test("fails no request when Redis hangs under load, and keeps none", async () => {
    expect(await underLoad(async () => redis.freeze())).toEqual([]);
    redis.thaw();
    await redis.command("HSET", "riffle:region:cells", "newer.example.com", "eu-west");
    await servedBy("newer.example.com", "eu-west", 5_000);
  });
});
