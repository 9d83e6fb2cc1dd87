import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { DiscoveryService } from "../../../src/core/route-rules.ts";
import type { RegionFact } from "../../../src/core/verdict.ts";
import { FAILURE_MS } from "../../../src/store/regions/memory.ts";
import type { Reply } from "../../../src/store/regions/reply.ts";
import { RETRY_FLOOR } from "../../../src/store/regions/retry-budget.ts";
import { MAX_CALLS, MAX_WAITING, RegionService } from "../../../src/store/regions/service.ts";
import { serviceOf } from "../../support/discovery.ts";
import { broken, found, garbled, none, ScriptedLine, settled } from "./scripted.ts";

const HOST = "a.example";
const TTL = 30_000;
const STALE = 300_000;

let nowMs = 0;
let chance = 0;
let line: ScriptedLine;
beforeEach(() => {
  nowMs = 0;
  chance = 0;
  line = new ScriptedLine();
});

const open = (change: Partial<DiscoveryService> = {}): RegionService =>
  new RegionService(serviceOf({ ttlMs: TTL, staleMs: STALE, ...change }), {
    line,
    now: () => nowMs,
    draw: () => chance,
    onReply: () => undefined,
  });

/** A service of which `eu-west` is known since 0 ms. */
async function warm(change: Partial<DiscoveryService> = {}): Promise<RegionService> {
  const service = open(change);
  const first = service.find(HOST);
  await line.answer(found("eu-west"));
  expect(await first).toEqual({ region: "eu-west", how: "asked" });
  return service;
}

const fresh = { region: "eu-west", how: "fresh" };
const stale = { region: "eu-west", how: "stale" };
const failure = { region: undefined, how: "failed" };
const negative = { region: undefined, how: "negative" };

describe("single flight", () => {
  test("a thousand first requests at a time are one call, and all are told", async () => {
    const service = open();
    const facts = Array.from({ length: 1_000 }, () => service.find(HOST));
    await line.answer(found("eu-west"));
    expect(new Set((await Promise.all(facts)).map(({ region }) => region))).toEqual(new Set(["eu-west"]));
    expect(line.asked).toEqual([HOST]);
    expect(service.counts).toMatchObject({ calls: 1, waited: 1_000 });
  });

  test("two keys are two calls", () => {
    const service = open();
    service.find("a.example");
    service.find("b.example");
    expect(line.asked).toEqual(["a.example", "b.example"]);
  });
});

describe("what is remembered", () => {
  test("a region is fresh for its ttl, and comes back bare", async () => {
    const service = await warm();
    nowMs = TTL - 1;
    expect(service.find(HOST)).toEqual(fresh);
    expect(line.asked).toHaveLength(1);
  });

  test("then it is served at once, while one call asks again", async () => {
    const service = await warm();
    nowMs = TTL;
    for (let i = 0; i < 100; i++) expect(service.find(HOST)).toEqual(stale);
    expect(line.asked).toHaveLength(2);
    await line.answer(found("us-east"));
    expect(service.find(HOST)).toEqual({ region: "us-east", how: "fresh" });
    expect(service.counts).toMatchObject({ stale: 100, calls: 2 });
  });

  test("after that it is waited for", async () => {
    const service = await warm();
    nowMs = TTL + STALE;
    expect(service.find(HOST)).toBeInstanceOf(Promise);
  });

  test("no region is remembered for its own time, then asked for again", async () => {
    const service = open();
    const first = service.find(HOST);
    await line.answer(none);
    expect(await first).toEqual({ region: undefined, how: "asked" });
    nowMs = 9_999;
    expect(service.find(HOST)).toEqual(negative);
    nowMs = 10_000;
    expect(service.find(HOST)).toBeInstanceOf(Promise);
    expect(line.asked).toHaveLength(2);
  });

  test("the service's word that there is none replaces a region", async () => {
    const service = await warm();
    nowMs = TTL;
    service.find(HOST);
    await line.answer(none);
    expect(service.find(HOST)).toEqual(negative);
  });

  test("chance shortens the time by a tenth at most: what was filled together does not run out together", async () => {
    chance = 0.999;
    const service = await warm();
    nowMs = TTL * 0.9;
    expect(service.find(HOST)).toEqual(fresh);
    nowMs = TTL * 0.91;
    expect(service.find(HOST)).toEqual(stale);
  });

  test("keys beyond the bound are forgotten, those in use last", async () => {
    line.always((key) => found(key));
    const service = open({ maxEntries: 100 });
    await service.find("used");
    for (let key = 0; key < 1_000; key++) {
      await service.find(`k${key}`);
      expect(service.find("used")).toEqual({ region: "used", how: "fresh" });
    }
    expect(service.find("k0")).toBeInstanceOf(Promise);
  });
});

describe("a failure", () => {
  test.each([
    ["that a retry could mend", broken],
    ["that none could", garbled],
  ])("%s is told to those who wait, and remembered for a second", async (_, reply) => {
    line.always(reply);
    const service = open();
    expect(await service.find(HOST)).toEqual(failure);
    const asked = line.asked.length;
    nowMs = FAILURE_MS - 1;
    expect(service.find(HOST)).toEqual(failure);
    expect(line.asked).toHaveLength(asked);
    nowMs = FAILURE_MS;
    expect(service.find(HOST)).toBeInstanceOf(Promise);
    expect(service.counts).toMatchObject({ failures: 1, failed: 1 });
  });

  test("leaves a region in use until it is too old, and asks once a second", async () => {
    const service = await warm();
    line.always(garbled);
    for (nowMs = TTL; nowMs < TTL + 10_000; nowMs += 100) {
      expect(service.find(HOST)).toEqual(stale);
      await settled();
    }
    expect(line.asked).toHaveLength(1 + 10);
    nowMs = TTL + STALE - 1;
    expect(service.find(HOST)).toEqual(stale);
    await settled();
    nowMs = TTL + STALE;
    expect(await service.find(HOST)).toEqual(failure);
  });

  test("that comes when the region has just become too old leaves none", async () => {
    const service = await warm();
    nowMs = TTL + STALE - 1;
    expect(service.find(HOST)).toEqual(stale);
    nowMs = TTL + STALE;
    const waits = service.find(HOST);
    await line.answer(garbled);
    expect(await waits).toEqual(failure);
    expect(line.asked).toHaveLength(2);
  });

  test("does not prolong a region's life", async () => {
    const service = await warm();
    line.always(garbled);
    nowMs = TTL + STALE - 1;
    service.find(HOST);
    await settled();
    nowMs = TTL + STALE;
    expect(service.find(HOST)).toBeInstanceOf(Promise);
  });

  test("is over with the first answer", async () => {
    const service = await warm();
    nowMs = TTL;
    service.find(HOST);
    await line.answer(garbled);
    nowMs += FAILURE_MS;
    service.find(HOST);
    await line.answer(found("us-east"));
    expect(service.find(HOST)).toEqual({ region: "us-east", how: "fresh" });
  });
});

describe("a retry", () => {
  test("is made once, and told as the call's answer", async () => {
    const service = open();
    const first = service.find(HOST);
    await line.answer(broken);
    await line.answer(found("eu-west"));
    expect(await first).toEqual({ region: "eu-west", how: "asked" });
    expect(service.counts).toMatchObject({ calls: 1, retries: 1, failures: 0 });
  });

  test.each<[string, Reply, number]>([
    ["what asking again does not mend", garbled, 0],
    ["what failed in the second half of the time", broken, 100],
  ])("is not made for %s", async (_, reply, afterMs) => {
    const service = open();
    const first = service.find(HOST);
    nowMs = afterMs;
    await line.answer(reply);
    expect(await first).toEqual(failure);
    expect(line.asked).toHaveLength(1);
  });

  test("while all fails the service is asked at most a tenth more often than without, and a few", async () => {
    line.always(broken);
    const service = open();
    for (let key = 0; key < 1_000; key++) await service.find(`k${key}`);
    expect(service.counts.calls).toBe(1_000);
    expect(line.asked.length).toBeGreaterThan(1_000 + RETRY_FLOOR); // calls pay for more
    expect(line.asked.length).toBeLessThanOrEqual(1_000 * 1.1 + RETRY_FLOOR);
  });
});

describe("time", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("nobody waits longer than the timeout, even where the line never says a word", async () => {
    const service = open({ timeoutMs: 200 });
    const facts: unknown[] = [];
    void Promise.resolve(service.find(HOST)).then((fact) => facts.push(fact));
    await vi.advanceTimersByTimeAsync(199);
    void Promise.resolve(service.find(HOST)).then((fact) => facts.push(fact)); // joins the same call
    expect(facts).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(facts).toEqual([failure, failure]);
  });

  test("a retry has only what the first try left", async () => {
    const service = open({ timeoutMs: 200 });
    const facts: unknown[] = [];
    void Promise.resolve(service.find(HOST)).then((fact) => facts.push(fact));
    await vi.advanceTimersByTimeAsync(90);
    nowMs = 90;
    await line.answer(broken);
    expect(line.asked).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(109);
    expect(facts).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(facts).toEqual([failure]);
  });
});

describe("bounds", () => {
  test("beyond the calls there is room for, a first request fails at once and a known region is served", async () => {
    const service = await warm();
    for (let key = 0; key < MAX_CALLS; key++) service.find(`k${key}`);
    nowMs = TTL;
    expect(service.find("one more")).toEqual(failure);
    expect(service.find(HOST)).toEqual(stale);
    expect(service.counts.overflow).toBe(2);
    await line.answer(none); // room for one
    expect(service.find("one more")).toBeInstanceOf(Promise);
  });

  test("beyond those who may wait, a request fails at once", async () => {
    const service = open();
    for (let request = 0; request < MAX_WAITING; request++) service.find(HOST);
    expect(service.find(HOST)).toEqual(failure);
    await line.answer(garbled);
    nowMs = FAILURE_MS;
    expect(service.find(HOST)).toBeInstanceOf(Promise);
  });

  test("whatever happens in whatever order, every request is answered, and a region is never older than it may be", async () => {
    const step: fc.Arbitrary<{ readonly find?: string; readonly passMs?: number; readonly reply?: Reply }> = fc.oneof(
      fc.record({ find: fc.constantFrom("a", "b", "c") }),
      fc.record({ passMs: fc.integer({ min: 0, max: 600 }) }),
      fc.record({ reply: fc.constantFrom(found("old"), broken, garbled, none) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        nowMs = 0;
        line = new ScriptedLine();
        const service = open({ ttlMs: 500, staleMs: 1_000, negativeTtlMs: 300 });
        const saidMs = new Map<string, number>(); // when the service last said a region of a key
        const waits: Promise<RegionFact>[] = [];
        for (const { find, passMs = 0, reply } of steps) {
          nowMs += passMs;
          if (reply?.kind === "region" && line.next !== undefined) saidMs.set(line.next, nowMs);
          if (reply !== undefined) await line.answer(reply);
          if (find === undefined) continue;
          const fact = service.find(find);
          if (fact instanceof Promise) waits.push(fact);
          else if (fact.region !== undefined) expect(nowMs - (saidMs.get(find) ?? Number.NEGATIVE_INFINITY)).toBeLessThan(1_500);
        }
        while (line.next !== undefined) await line.answer(garbled);
        await Promise.all(waits);
      }),
    );
  });
});
