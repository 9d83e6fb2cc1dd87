import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Picked } from "../../src/core/exchange.ts";
import type { Outcome } from "../../src/core/observer.ts";
import type { Pool } from "../../src/core/pool.ts";
import { LiveFacts } from "../../src/store/live.ts";
import { snapshotOf } from "../support/rules.ts";

interface PoolOptions {
  readonly ids?: readonly string[];
  readonly ejection?: object | "none";
  readonly grace?: string;
  readonly output?: object;
}
const IDS = ["t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7"];
const EJECTION = { failures: 2, time: "1s", max_time: "4s", share: "50%" };

function poolOf({ ids = IDS, ejection = EJECTION, grace = "0s", output = {} }: PoolOptions = {}): Pool {
  const shard = { size: 2, salt: "pepper", pick: "affinity:path", grace };
  const document = {
    targets: ids.map((id, index) => ({ id, address: `127.0.0.1:${7001 + index}` })),
    shard,
    output,
    ...(ejection !== "none" && { ejection }),
  };
  const pools = { backends: document };
  const routes = [{ match: { prefix: "/" }, target: { pool: "backends" } }];
  const pool = snapshotOf({ pools, virtual_hosts: [{ routes }] }).pools.get("backends");
  if (pool === undefined) throw new Error("no pool");
  return pool;
}

const picked = (pool: Pool, ...places: readonly number[]): Picked => ({ pool, order: pool.at(places), isSpilled: false });
const outcome = (status: number, more: Partial<Outcome> = {}): Outcome => ({
  status,
  isLocalReply: false,
  attempts: 1,
  tookMs: 1,
  ...more,
});

function following(pool: Pool) {
  const facts = new LiveFacts();
  facts.follow([pool], 0);
  const ejected = (of = pool, atMs = 0): readonly string[] =>
    of.targets.filter(({ place }) => facts.live({ pool: of }).isEjected(place, atMs)).map(({ id }) => id);
  const say = (place: number, status: number, times = 1, atMs = 0): void => {
    for (let i = 0; i < times; i++) facts.respond(picked(pool, place), outcome(status), atMs);
  };
  return { facts, ejected, say, inFlight: (place: number, of = pool) => facts.live({ pool: of }).inFlight(place) };
}

describe("exchanges in flight", () => {
  test("are counted where the first of the order is, until they end", () => {
    const pool = poolOf();
    const { facts, inFlight } = following(pool);
    facts.begin(picked(pool, 3, 1));
    facts.begin(picked(pool, 3));
    expect([inFlight(3), inFlight(1)]).toEqual([2, 0]);
    facts.end(picked(pool, 3, 1));
    expect(inFlight(3)).toBe(1);
  });
  test("are counted on when the rules change and places with them, and each end is counted where the beginning was", () => {
    const before = poolOf();
    const { facts, inFlight } = following(before);
    facts.begin(picked(before, 3)); // t3
    const after = poolOf({ ids: ["t3", "t9"] });
    facts.follow([after], 0);
    expect([inFlight(0, after), inFlight(1, after)]).toEqual([1, 0]);
    facts.begin(picked(after, 0));
    facts.end(picked(before, 3));
    expect(inFlight(0, after)).toBe(1);
  });
  test("of a target that left and came back are not those of the new one", () => {
    const before = poolOf();
    const { facts, inFlight } = following(before);
    facts.begin(picked(before, 3));
    facts.follow([poolOf({ ids: ["t0"] })], 0);
    const after = poolOf();
    facts.follow([after], 0);
    facts.end(picked(before, 3));
    expect(inFlight(3, after)).toBe(0);
  });
  test("never fall below none, whatever begins and ends while rules change", () => {
    const pools = [poolOf(), poolOf({ ids: ["t7", "t1", "t0"] }), poolOf({ ids: ["t5", "t0"] })];
    const event = fc.record({ change: fc.boolean(), pool: fc.nat(2), place: fc.nat(1) });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const facts = new LiveFacts();
        const begun: Picked[] = [];
        for (const { change, pool: index, place } of events) {
          const pool = pools[index] ?? poolOf();
          if (change) facts.follow([pool], 0);
          facts.begin(picked(pool, place));
          begun.push(picked(pool, place));
          const oldest = place === 0 ? begun.shift() : undefined;
          if (oldest) facts.end(oldest);
        }
        for (const one of begun) facts.end(one);
        for (const pool of pools) for (const { place } of pool.targets) expect(facts.live({ pool }).inFlight(place)).toBe(0);
      }),
    );
  });
});

describe("which answers are failures", () => {
  test.each([
    ["the target's own 500", outcome(500), true],
    ["503 in the place of a target that refuses", outcome(503, { isLocalReply: true }), true],
    ["504 after a timeout", outcome(504, { isLocalReply: true }), true],
    ["200", outcome(200), false],
    ["the target's own 404", outcome(404), false],
    ["429 of Envoy's own", outcome(429, { isLocalReply: true }), false],
    ["200 without Envoy's header, which a router may be told to leave out", outcome(200, { isLocalReply: true }), false],
  ])("%s", (_, said, isFailure) => {
    const pool = poolOf();
    const { facts, ejected } = following(pool);
    for (let i = 0; i < 2; i++) facts.respond(picked(pool, 0), said, 0);
    expect(ejected()).toEqual(isFailure ? ["t0"] : []);
  });
  test.each([
    ["a success ends a row of failures", outcome(200), []],
    ["so does 200 without Envoy's header", outcome(200, { isLocalReply: true }), []],
    ["so does the target's own 404", outcome(404), []],
    ["what Envoy refuses itself does not: nobody heard the target", outcome(413, { isLocalReply: true }), ["t0"]],
  ])("%s", (_, between, expected) => {
    const pool = poolOf();
    const { facts, ejected, say } = following(pool);
    say(0, 500);
    facts.respond(picked(pool, 0), between, 0);
    say(0, 500);
    expect(ejected()).toEqual(expected);
  });
  test("a pool without ejection rules ejects nobody", () => {
    const pool = poolOf({ ejection: "none" });
    const { ejected, say } = following(pool);
    say(0, 500, 100);
    expect(ejected()).toEqual([]);
  });
});

describe("who answered, where Envoy's retries took the next of the list", () => {
  test.each([
    { attempts: 1, status: 200, failed: [] },
    { attempts: 2, status: 200, failed: ["t3"] },
    { attempts: 2, status: 503, failed: ["t1", "t3"] },
    { attempts: 3, status: 503, failed: ["t1", "t3"] }, // beyond the list
    { attempts: 3, status: 200, failed: ["t1", "t3"] },
  ])("$status at attempt $attempts: $failed failed", ({ attempts, status, failed }) => {
    const pool = poolOf({ output: { override_host: "x-riffle-hosts" } });
    const { facts, ejected } = following(pool);
    for (let i = 0; i < 2; i++) facts.respond(picked(pool, 3, 1), outcome(status, { attempts }), 0);
    expect(ejected()).toEqual(failed);
  });
  test("without a list all attempts went to the one target, and are one failure", () => {
    const pool = poolOf();
    const { facts, ejected } = following(pool);
    facts.respond(picked(pool, 3), outcome(503, { attempts: 3 }), 0);
    expect(ejected()).toEqual([]);
    facts.respond(picked(pool, 3), outcome(503, { attempts: 3 }), 0);
    expect(ejected()).toEqual(["t3"]);
  });
  test("without a list a success after retries is a success", () => {
    const pool = poolOf();
    const { facts, ejected } = following(pool);
    for (let i = 0; i < 5; i++) facts.respond(picked(pool, 3), outcome(200, { attempts: 3 }), 0);
    expect(ejected()).toEqual([]);
  });
});

describe("never more than the share set is ejected", () => {
  test("whoever fails whenever, and whatever the pool becomes meanwhile", () => {
    const pools = [poolOf(), poolOf({ ids: ["t0", "t1", "t2", "t3"] }), poolOf({ ids: ["t7", "t0", "t1"] }), poolOf({ ejection: "none" })];
    const most = [4, 2, 1, 0];
    const step = fc.record({
      place: fc.nat(7),
      status: fc.constantFrom(500, 500, 500, 200),
      waitMs: fc.nat(900),
      swap: fc.oneof({ weight: 30, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat(3) }),
    });
    let seen = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150, size: "max" }), (steps) => {
        const facts = new LiveFacts();
        let current = 0;
        let atMs = 0;
        facts.follow([pools[0] as Pool], atMs);
        for (const { place, status, waitMs, swap } of steps) {
          atMs += waitMs < 600 ? 0 : waitMs;
          current = swap ?? current;
          if (swap !== null) facts.follow([pools[current] as Pool], atMs);
          facts.respond(picked(pools[0] as Pool, place), outcome(status), atMs); // an exchange that began with the first of them
          const pool = pools[current] as Pool;
          const ejected = pool.targets.filter((target) => facts.live({ pool }).isEjected(target.place, atMs)).length;
          expect(ejected).toBeLessThanOrEqual(most[current] ?? 0);
          if (ejected === most[current] && ejected > 1) seen++;
        }
      }),
      { numRuns: 300 },
    );
    expect(seen).toBeGreaterThan(100); // the bound was reached, not only kept
  });
  test("a share that comes to no target at all ejects none", () => {
    const { ejected, say } = following(poolOf({ ejection: { ...EJECTION, share: "10%" } }));
    say(0, 500, 10);
    expect(ejected()).toEqual([]);
  });
  test("who had no room is ejected by its next failure once there is", () => {
    const pool = poolOf({ ids: ["t0", "t1", "t2"], ejection: EJECTION }); // one at a time
    const { ejected, say } = following(pool);
    say(0, 500, 2);
    say(1, 500, 5);
    expect(ejected()).toEqual(["t0"]);
    say(1, 500, 1, 1_000);
    expect(ejected(pool, 1_000)).toEqual(["t1"]);
  });
});

describe("a change of rules", () => {
  test("leaves ejections as they are, by id", () => {
    const { facts, ejected, say } = following(poolOf());
    say(6, 500, 2);
    const after = poolOf({ ids: ["t6", "t5", "t1"] });
    facts.follow([after], 0);
    expect(ejected(after)).toEqual(["t6"]);
  });
  test("takes with it what was known of targets and pools that are gone", () => {
    const { facts, ejected, say } = following(poolOf());
    say(6, 500, 2);
    facts.follow([poolOf({ ids: ["t0", "t1"] })], 0);
    const after = poolOf();
    facts.follow([after], 0);
    expect(ejected(after)).toEqual([]);
  });
  test("without ejection lets everybody back", () => {
    const { facts, ejected, say } = following(poolOf());
    say(6, 500, 2);
    const after = poolOf({ ejection: "none" });
    facts.follow([after], 0);
    expect(ejected(after)).toEqual([]);
  });
});

describe("who left a shard", () => {
  const formerOf = (facts: LiveFacts, pool: Pool, places: readonly number[], atMs: number, customer = "acme"): readonly string[] =>
    pool.at(facts.live({ pool }).formerOf(customer, places, atMs)).map(({ id }) => id);

  test("stays for the grace of the pool, from when the change was first seen, and no longer", () => {
    const pool = poolOf({ grace: "10s" });
    const { facts } = following(pool);
    expect(formerOf(facts, pool, [1, 2, 3], 0)).toEqual([]);
    expect(formerOf(facts, pool, [1, 2], 5_000)).toEqual(["t3"]);
    expect(formerOf(facts, pool, [1, 2], 14_999)).toEqual(["t3"]);
    expect(formerOf(facts, pool, [1, 2], 15_000)).toEqual([]);
  });
  test("is another customer's matter alone", () => {
    const pool = poolOf({ grace: "10s" });
    const { facts } = following(pool);
    formerOf(facts, pool, [1, 2, 3], 0);
    expect(formerOf(facts, pool, [1, 2], 0, "other")).toEqual([]);
  });
  test("is no former member once it is one again, and keeps its own time through further changes", () => {
    const pool = poolOf({ grace: "10s" });
    const { facts } = following(pool);
    formerOf(facts, pool, [1, 2, 3], 0);
    expect(formerOf(facts, pool, [1, 2], 0)).toEqual(["t3"]);
    expect(formerOf(facts, pool, [1, 4], 6_000)).toEqual(["t2", "t3"]);
    expect(formerOf(facts, pool, [1, 4], 10_000)).toEqual(["t2"]);
    expect(formerOf(facts, pool, [1, 2], 11_000)).toEqual(["t4"]);
  });
  test("is known by its id when the pool changes, and nobody once it is gone from it", () => {
    const before = poolOf({ grace: "10s" });
    const { facts } = following(before);
    formerOf(facts, before, [1, 2, 3], 0); // t1 t2 t3
    const after = poolOf({ ids: ["t3", "t1"], grace: "10s" });
    facts.follow([after], 0);
    expect(formerOf(facts, after, [1], 1)).toEqual(["t3"]);
  });
  test("is nobody, and nothing is kept, where the pool has no grace", () => {
    const pool = poolOf();
    const { facts } = following(pool);
    formerOf(facts, pool, [1, 2, 3], 0);
    expect(formerOf(facts, pool, [1, 2], 0)).toEqual([]);
    const after = poolOf({ grace: "10s" });
    facts.follow([after], 0);
    expect(formerOf(facts, after, [1], 0)).toEqual([]);
  });
});
