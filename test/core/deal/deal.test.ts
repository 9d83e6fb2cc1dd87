import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toByteString } from "../../../src/core/bytes.ts";
import { type Dealable, Dealer, type DealRules, type Terms } from "../../../src/core/deal/deal.ts";
import { shardSize } from "../../../src/core/deal/size.ts";
import {
  anyTerms,
  byteStrings,
  dealIds,
  evenPools,
  minZones,
  percents,
  plain,
  pool,
  pools,
  runs,
  settings,
  spread,
  weigh,
} from "./dealing.ts";
import { dealInFull, rankInFull } from "./reference.ts";
import { poolOf, toSize, vectors } from "./vectors.ts";

const MODES = { plain: "plain", min_zones: "min", spread: "spread" } as const;

describe("deals follow the golden vectors", () => {
  test.each(vectors.deals)("$k of pool $pool, $mode, for '$customer', salt '$salt', reseed $reseed", (vector) => {
    const { mode, minZones, reseed } = vector;
    const rules: DealRules = { size: toSize(vector.k), zones: MODES[mode], minZones, salt: toByteString(vector.salt) };
    expect(dealIds(poolOf(vector.pool), rules)(toByteString(vector.customer), { reseed })).toEqual(vector.deal);
  });

  test.each(vectors.ranks)("the whole rank order of pool $pool", ({ pool: name, customer, salt, reseed, rank }) => {
    const targets = poolOf(name);
    const dealer = new Dealer(targets, plain(1, toByteString(salt)));
    const terms = { ...dealer.terms, reseed };
    const ranked = dealer.rankValues(toByteString(customer), terms);
    expect(ranked.map(({ place, ...by }) => ({ id: targets[place]?.id, ...by }))).toEqual(
      rank.map(({ id, score, weight, value }) => ({ id, score, weight, value })),
    );
    expect(dealer.rank(toByteString(customer), terms)).toEqual(ranked.map(({ place }) => place));
  });

  test.each(vectors.zoneOrders)("the order of the zones $zones for '$customer'", ({ customer, salt, reseed, zones, order }) => {
    const targets = zones.map((zone, i) => ({ id: `${i}`, zone: toByteString(zone) }));
    const dealer = new Dealer(targets, { ...spread(1), salt: toByteString(salt) });
    const expected = order.map(({ zone, score }) => ({ zone: toByteString(zone), score }));
    expect(dealer.rankZones(toByteString(customer), { ...dealer.terms, reseed })).toEqual(expected);
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

test("a shard always has the size asked for, or all there is to deal, and no target twice, none avoided, none of weight 0", () => {
  fc.assert(
    fc.property(pools, settings, anyTerms, byteStrings, (targets, rules, terms, customer) => {
      const dealer = new Dealer(targets, rules);
      const shard = dealer.deal(customer, terms);
      const dealable = targets.filter(({ weight }, place) => weight !== 0 && !terms.avoid.has(place));
      expect(new Set(shard).size).toBe(shard.length);
      expect(shard.filter((place) => !dealable.includes(targets[place] as Dealable))).toEqual([]);
      expect(shard.length).toBe(shardSize(terms.size, dealable.length));
      expect(dealer.sizeOf(terms)).toBe(shard.length);
    }),
    runs(2000),
  );
});

/** How many of these places are in each zone. */
const countZones = (targets: readonly Dealable[], places: Iterable<number>): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const place of places) {
    const zone = targets[place]?.zone ?? "";
    counts.set(zone, (counts.get(zone) ?? 0) + 1);
  }
  return counts;
};

test("a shard always spans the zones asked for, as far as size and pool allow", () => {
  fc.assert(
    fc.property(pools, settings, byteStrings, (targets, rules, customer) => {
      const dealer = new Dealer(targets, { ...rules, zones: "min" });
      const shard = dealer.deal(customer);
      const possible = countZones(targets, dealer.rank(customer)).size;
      expect(countZones(targets, shard).size).toBeGreaterThanOrEqual(Math.min(rules.minZones ?? 2, shard.length, possible));
    }),
    runs(1000),
  );
});

test("a spread shard never has two members more in one zone than in another that has targets left", () => {
  fc.assert(
    fc.property(pools, settings, byteStrings, (targets, rules, customer) => {
      const dealer = new Dealer(targets, { ...rules, zones: "spread" });
      const all = countZones(targets, dealer.rank(customer));
      const members = countZones(targets, dealer.deal(customer));
      const most = Math.max(0, ...members.values());
      for (const [zone, count] of all) expect(members.get(zone) ?? 0).toBeGreaterThanOrEqual(Math.min(count, most - 1));
    }),
    runs(1000),
  );
});

test("the zones' turns do not depend on weights", () => {
  const even = new Dealer(pool(9, 3), spread(3));
  const uneven = new Dealer(weigh(pool(9, 3), [1, 500, 65_535]), spread(3));
  for (let i = 0; i < 200; i++) expect(uneven.rankZones(`customer-${i}`)).toEqual(even.rankZones(`customer-${i}`));
});

test("equal weights of any value always deal as no weights do", () => {
  fc.assert(
    fc.property(evenPools, settings, fc.integer({ min: 1, max: 65_535 }), byteStrings, (targets, rules, weight, customer) => {
      expect(new Dealer(weigh(targets, [weight]), rules).deal(customer)).toEqual(new Dealer(targets, rules).deal(customer));
    }),
    runs(1000),
  );
});

test("a target of weight 0, and one that the customer avoids, are dealt as if the pool did not have them", () => {
  fc.assert(
    fc.property(pools, settings, percents, fc.boolean(), byteStrings, (targets, rules, percent, isPercent, customer) => {
      const sized = isPercent ? { ...rules, size: percent } : rules;
      const [gone, ...rest] = targets;
      fc.pre(gone !== undefined);
      const expected = dealIds(rest, sized)(customer);
      expect(dealIds([{ ...gone, weight: 0 }, ...rest], sized)(customer)).toEqual(expected);
      expect(dealIds(targets, sized)(customer, { avoid: new Set([0]) })).toEqual(expected);
    }),
    runs(1000),
  );
});

describe("the fast deal always equals the full sort", () => {
  const isEqual = (targets: readonly Dealable[], rules: DealRules, customer: string, terms: Terms): void => {
    expect(new Dealer(targets, rules).deal(customer, terms)).toEqual(dealInFull(targets, rules, customer, terms));
  };

  test("in any pool, under any terms", () => {
    fc.assert(fc.property(pools, settings, byteStrings, anyTerms, isEqual), runs(5000));
  });

  test("in its whole rank order", () => {
    fc.assert(
      fc.property(pools, settings, byteStrings, anyTerms, (targets, rules, customer, terms) => {
        const dealer = new Dealer(targets, rules);
        const expected = rankInFull(targets, dealer.keyOf(customer, terms.reseed), terms.avoid);
        expect(dealer.rank(customer, terms)).toEqual(expected.map(({ place }) => place));
      }),
      runs(500),
    );
  });

  // Only the targets likely to be needed are ranked; of these customers, a few must need a second ranking.
  test.each([
    ["plain", pool(100), plain(1)],
    ["spread", pool(100), spread(1)],
    ["spread, weighted", weigh(pool(100), [100, 50, 200, 400]), spread(1)],
  ] as const)("for the one customer in a thousand whose first target is not among the likely ones: %s", (_name, targets, rules) => {
    const dealer = new Dealer(targets, rules);
    for (let i = 0; i < 10_000; i++) {
      const customer = `customer-${i}`;
      if (dealer.deal(customer)[0] !== dealer.rankValues(customer)[0]?.place) throw new Error(`${customer} is not dealt its first target`);
    }
  });

  const lopsided = [...pool(600), { id: "far", zone: "far" }, { id: "farther", zone: "farther" }];
  const ratios = [100, 50, 200, 400];
  const extremes = [1, 65_535, 0, 300, 2];
  test.each([
    ["plain, small shards of a large pool", pool(2000, 3), plain(5)],
    ["plain, large shards of a large pool", pool(2000, 3), plain(150)],
    ["plain, weighted", weigh(pool(2000, 3), ratios), plain(5)],
    ["plain, large shards, weighted", weigh(pool(1000, 3), ratios), plain(150)],
    ["plain, the extremes of weight", weigh(pool(500, 3), extremes), plain(5)],
    ["two zones", pool(2000, 3), minZones(5)],
    ["two zones, weighted", weigh(pool(500, 3), ratios), minZones(5)],
    ["as many zones as members", pool(2000, 20), minZones(20, 20)],
    ["a zone of one target among 602, which the first ranking leaves out", lopsided, minZones(4)],
    ["two such zones", lopsided, minZones(3, 3)],
    ["spread", pool(1000, 3), spread(5)],
    ["spread, weighted", weigh(pool(1000, 4), ratios), spread(7)],
    ["spread, a zone that runs out", lopsided, spread(20)],
    ["spread, more zones than members", pool(500, 100), spread(7)],
  ] as const)("%s", (_name, targets, rules) => {
    const dealer = new Dealer(targets, rules);
    for (let i = 0; i < 60; i++) {
      const customer = `customer-${i}`;
      expect(dealer.deal(customer)).toEqual(dealInFull(targets, rules, customer, dealer.terms));
    }
  });
});

describe("a pool with nothing to deal deals empty shards", () => {
  test.each([plain(2), minZones(2), spread(2), { ...spread(2), size: { kind: "percent", basisPoints: 1 } } as const])("%j", (rules) => {
    expect(new Dealer([], rules).deal("acme")).toEqual([]);
    expect(new Dealer(weigh(pool(3), [0]), rules).deal("acme")).toEqual([]);
    const dealer = new Dealer(pool(2), rules);
    expect(dealer.deal("acme", { ...dealer.terms, avoid: new Set([0, 1, 7]) })).toEqual([]);
    expect(dealer.rank("acme", { ...dealer.terms, avoid: new Set([0, 1]) })).toEqual([]);
  });
});

describe("what the parser refuses is refused here, too", () => {
  test.each([-1, 65_536, 1.5, Number.NaN])("the weight %d", (weight) => {
    expect(() => new Dealer([{ id: "a", zone: "", weight }], plain(1))).toThrow(RangeError);
  });
  test("an id twice, even where one weighs nothing", () => {
    const twice = [...pool(3), { id: "backend_1", zone: "elsewhere", weight: 0 }];
    expect(() => new Dealer(twice, plain(1))).toThrow(RangeError);
  });
});
