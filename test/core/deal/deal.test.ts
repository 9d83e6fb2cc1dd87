import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toByteString } from "../../../src/core/bytes.ts";
import { Dealer } from "../../../src/core/deal/deal.ts";
import { customerKey } from "../../../src/core/deal/key.ts";
import type { ShardRules } from "../../../src/core/rules.ts";
import { byteStrings, type Dealt, dealIds, dealInFull, minZones, plain, pool, pools, runs, settings } from "./dealing.ts";
import { poolOf, toSize, vectors, weighsEqual } from "./vectors.ts";

describe("deals follow the golden vectors", () => {
  const deals = vectors.deals.filter(({ pool: name, mode }) => mode !== "spread" && weighsEqual(name));
  test.each(deals)("$k of pool $pool, $mode, for '$customer', salt '$salt', reseed $reseed", (vector) => {
    const zones = vector.mode === "plain" ? "plain" : "min";
    const rules: ShardRules = { size: toSize(vector.k), zones, minZones: vector.minZones, salt: toByteString(vector.salt) };
    expect(dealIds(poolOf(vector.pool), rules)(toByteString(vector.customer), vector.reseed)).toEqual(vector.deal);
  });

  const ranks = vectors.ranks.filter(({ pool: name }) => weighsEqual(name));
  test.each(ranks)("a shard of the whole pool $pool is its rank order", ({ pool: name, customer, salt, reseed, rank }) => {
    const targets = poolOf(name);
    expect(dealIds(targets, plain(targets.length, salt))(customer, reseed)).toEqual(rank.map(({ id }) => id));
  });
});

test("a customer of any bytes, valid UTF-8 or not, is dealt its own shard", () => {
  const deal = dealIds(pool(1000), plain(8));
  const shards = ["\xe9", "\xc3\xa9", "\xff", "\xfe", "\xef\xbf\xbd", "acme", "acme\0", "acme ", "ACME", ""].map((id) => deal(id).join());
  expect(new Set(shards).size).toBe(shards.length);
});

test("the same customer is always dealt the same shard, whatever the order of the pool's targets", () => {
  const orders = pools.chain((targets) => fc.tuple(fc.constant(targets), fc.shuffledSubarray([...targets], { minLength: targets.length })));
  fc.assert(
    fc.property(orders, settings, byteStrings, ([targets, shuffled], rules, customer) => {
      const deal = dealIds(targets, rules);
      const first = deal(customer);
      deal(`another ${customer}`);
      expect(deal(customer)).toEqual(first);
      expect(dealIds(shuffled, rules)(customer)).toEqual(first);
    }),
    runs(300),
  );
});

test("a shard always has the size asked for, or the whole pool, and no target twice", () => {
  fc.assert(
    fc.property(pools, settings, byteStrings, (targets, rules, customer) => {
      const shard = new Dealer(targets, rules).deal(customer);
      expect(new Set(shard).size).toBe(shard.length);
      expect(shard.every((place) => targets[place] !== undefined)).toBe(true);
      expect(shard.length).toBe(rules.size.kind === "count" ? Math.min(rules.size.count, targets.length) : Number.NaN);
    }),
    runs(300),
  );
});

test("a shard always spans the zones asked for, as far as size and pool allow", () => {
  fc.assert(
    fc.property(pools, settings, byteStrings, (targets, rules, customer) => {
      const shard = new Dealer(targets, { ...rules, zones: "min" }).deal(customer);
      const zones = (places: readonly number[]): number => new Set(places.map((place) => targets[place]?.zone)).size;
      expect(zones(shard)).toBeGreaterThanOrEqual(Math.min(rules.minZones ?? 2, shard.length, zones([...targets.keys()])));
    }),
    runs(1000),
  );
});

describe("the fast deal always equals the full sort", () => {
  const isEqual = (targets: readonly Dealt[], rules: ShardRules, customer: string): void => {
    expect(dealIds(targets, rules)(customer)).toEqual(dealInFull(targets, rules, customerKey(rules.salt, customer, 0)));
  };

  test("in any pool", () => {
    fc.assert(fc.property(pools, settings, byteStrings, isEqual), runs(1000));
  });

  const lopsided = [...pool(600), { id: "far", zone: "far" }, { id: "farther", zone: "farther" }];
  test.each([
    ["plain, small shards of a large pool", pool(2000, 3), plain(5)],
    ["plain, large shards of a large pool", pool(2000, 3), plain(150)],
    ["two zones", pool(2000, 3), minZones(5)],
    ["as many zones as members", pool(2000, 20), minZones(20, 20)],
    ["a zone of one target among 602, which the first bound leaves out", lopsided, minZones(4)],
    ["two such zones", lopsided, minZones(3, 3)],
  ] as const)("%s", (_name, targets, rules) => {
    for (let i = 0; i < 100; i++) isEqual(targets, rules, `customer-${i}`);
  });
});

test("a pool without targets deals empty shards", () => {
  expect(new Dealer([], plain(2)).deal("acme")).toEqual([]);
  expect(new Dealer([], minZones(2)).deal("acme")).toEqual([]);
});
