import { describe, expect, onTestFinished, test } from "vitest";
import { until } from "../../../src/cli/demo/run-envoy.ts";
import { Outage } from "../../../src/core/outage.ts";
import type { AskRules } from "../../../src/core/route-rules.ts";
import type { RedisRules } from "../../../src/core/rules.ts";
import type { RegionFact } from "../../../src/core/verdict.ts";
import { openRedis } from "../../../src/store/redis.ts";
import { openStoreLine } from "../../../src/store/regions/store.ts";
import { RegionFacts } from "../../../src/store/regions.ts";
import { discoveryOf, storeOf } from "../../support/discovery.ts";
import { hasRedis, type RedisServer, redisServer } from "../../support/redis.ts";

const never = new AbortController().signal;

/** A line to a store that says this, and what it was asked. */
function lineTo(reply: string | undefined | Error) {
  const asked: (readonly [string, string])[] = [];
  const hget = async (key: string, field: string): Promise<Buffer | undefined> => {
    asked.push([key, field]);
    if (reply instanceof Error) throw reply;
    return reply === undefined ? undefined : Buffer.from(reply, "latin1");
  };
  return { asked, line: openStoreLine({ ready: Promise.resolve(), hget }, "cells") };
}

describe("what the store says", () => {
  test.each<[string, string | undefined | Error, object]>([
    ["a region", "us-east", { kind: "region", region: "us-east" }],
    ["a region of 256 characters", "r".repeat(256), { kind: "region", region: "r".repeat(256) }],
    ["nothing", undefined, { kind: "none" }],
    ["an empty value", "", { kind: "failed", why: "the value is no region" }],
    ["a space in it", "us east", { kind: "failed", why: "the value is no region" }],
    ["a second header", "us-east\r\nx: y", { kind: "failed", why: "the value is no region" }],
    ["a byte beyond ASCII", "us-\xe9ast", { kind: "failed", why: "the value is no region" }],
    ["257 characters", "r".repeat(257), { kind: "failed", why: "a value of more than 256 bytes" }],
    ["a refusal", new Outage("refused", "the store answers WRONGTYPE"), { kind: "failed", why: "the store answers WRONGTYPE" }],
    ["no word in time", new Outage("late", "no answer in time"), { kind: "failed", isUnheard: true }],
    ["no connection", new Outage("away", "the store is out of reach"), { kind: "failed", isUnheard: true }],
    ["what it should not", new TypeError("secret"), { kind: "failed", why: "the store's client is broken" }],
  ])("%s", async (_, said, expected) => {
    const reply = await lineTo(said).line.ask("a.example", never);
    expect(reply).toMatchObject(expected);
    if (reply.kind === "failed") expect(reply.mayRetry).toBe(false);
  });
});

test.each([
  ["us.example.com", "us.example.com"],
  ["A-z_0.9~", "A-z_0.9~"],
  ["[2001:db8::1]", "%5B2001%3Adb8%3A%3A1%5D"],
  ["a{b}:c", "a%7Bb%7D%3Ac"],
  ["\xc3\xa9\xff\x00", "%C3%A9%FF%00"],
  ["a%2E", "a%252E"],
])("the key %j is the field %j", async (key, field) => {
  const { asked, line } = lineTo("us-east");
  await line.ask(key, never);
  expect(asked).toEqual([["riffle:region:cells", field]]);
});

describe.runIf(hasRedis)("a table in a real Redis", () => {
  const key = "us.example.com";

  /** Regions that ask this server, by a clock that a test sets. */
  async function regionsOf(server: RedisServer, change: Partial<AskRules> = {}) {
    const redis: RedisRules = {
      address: { kind: "tcp", host: "127.0.0.1", port: server.port },
      hasTls: false,
      user: undefined,
      password: undefined,
      database: 0,
    };
    const clock = { nowMs: 0 };
    const reports: unknown[] = [];
    const port = openRedis(redis, { name: "riffle:test", draw: Math.random, report: () => undefined });
    onTestFinished(() => port.close());
    const regions = new RegionFacts({
      now: () => clock.nowMs,
      draw: () => 0,
      report: (...report) => reports.push(report),
      open: (name) => openStoreLine(port, name),
    });
    const discovery = discoveryOf({
      name: "cells",
      source: storeOf({ redis, ttlMs: 5_000, staleMs: 60_000, negativeTtlMs: 5_000, ...change }),
    });
    regions.follow([discovery]);
    await regions.ready();
    const find = async (of = key): Promise<RegionFact> => regions.region({ discovery, key: of });
    return { find, clock, reports };
  }

  const put = (server: RedisServer, region: string): Promise<string> => server.command("HSET", "riffle:region:cells", key, region);
  const fallback = { region: undefined, how: "failed" };

  test("is read field by field; what is not there is remembered as well", async () => {
    const server = await redisServer();
    await put(server, "us-east");
    const { find, reports } = await regionsOf(server);
    expect(await find()).toEqual({ region: "us-east", how: "asked" });
    expect(await find()).toEqual({ region: "us-east", how: "fresh" });
    expect(await find("eu.example.com")).toEqual({ region: undefined, how: "asked" });
    expect(await find("eu.example.com")).toEqual({ region: undefined, how: "negative" });
    expect(reports).toEqual([]);
  });

  test("is read again after its ttl, and a change serves from then on", async () => {
    const server = await redisServer();
    await put(server, "us-east");
    const { find, clock } = await regionsOf(server);
    await find();
    await put(server, "eu-west");
    clock.nowMs = 4_999;
    expect(await find()).toEqual({ region: "us-east", how: "fresh" });
    clock.nowMs = 5_000;
    expect(await find()).toEqual({ region: "us-east", how: "stale" });
    await until(async () => ((await find()).region === "eu-west" ? true : undefined), AbortSignal.timeout(20_000));
  });

  test("with a value that is no region fails for that key, and says so once", async () => {
    const server = await redisServer();
    await put(server, "us east");
    const { find, clock, reports } = await regionsOf(server);
    for (; clock.nowMs < 100_000; clock.nowMs += 1_000) expect(await find()).toEqual(fallback);
    expect(reports).toEqual([["cells", { isAnswering: false, why: "the value is no region" }]]);
  });

  test("that is out of reach leaves what is known in use until it is too old, then the fallback; that is the store's to say", async () => {
    const server = await redisServer();
    await put(server, "us-east");
    const { find, clock, reports } = await regionsOf(server);
    await find();
    await server.stop();
    for (clock.nowMs = 5_000; clock.nowMs < 65_000; clock.nowMs += 1_000) {
      expect(await find()).toEqual({ region: "us-east", how: "stale" });
      await new Promise(setImmediate);
    }
    expect(await find()).toEqual(fallback);
    expect(reports).toEqual([]);
    await server.start();
    const isBack = async (): Promise<true | undefined> => {
      clock.nowMs += 1_000;
      return (await find()).region === "us-east" ? true : undefined;
    };
    await until(isBack, AbortSignal.timeout(20_000));
  });

  test("that hangs keeps nobody: the fallback while it hangs, the region within 5 s after it goes on", async () => {
    const server = await redisServer();
    await put(server, "us-east");
    const { find, clock, reports } = await regionsOf(server, { timeoutMs: 25 });
    server.freeze();
    const waits = Array.from({ length: 1_000 }, (_, index) => find(index % 2 === 0 ? key : `${index}.example.com`));
    expect(new Set((await Promise.all(waits)).map(({ how }) => how))).toEqual(new Set(["failed"]));
    server.thaw();
    const isBack = async (): Promise<true | undefined> => {
      clock.nowMs += 1_000;
      return (await find()).region === "us-east" ? true : undefined;
    };
    await until(isBack, AbortSignal.timeout(5_000));
    expect(reports).toEqual([]);
  });
});
