import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Dealable, Dealer, type DealRules, type Terms } from "../../../src/core/deal/deal.ts";
import { DealCache } from "../../../src/core/deal/deal-cache.ts";
import { anyTerms, minZones, percents, plain, pool, pools, runs, settings, spread, weigh, weights } from "./dealing.ts";

/** One change of a pool, to the target that `at` falls on. */
type Step =
  | { readonly kind: "add"; readonly zone: string; readonly weight: number }
  | { readonly kind: "remove" | "shuffle"; readonly at: number }
  | { readonly kind: "reweight"; readonly at: number; readonly weight: number }
  | { readonly kind: "rezone"; readonly at: number; readonly zone: string };

const at = fc.nat({ max: 100 });
const zone = fc.constantFrom("a", "a", "b", "new");
const usual = fc.oneof(fc.constant(100), weights);
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), zone, weight: usual }),
  fc.record({ kind: fc.constantFrom("remove" as const, "remove" as const, "shuffle" as const), at }),
  fc.record({ kind: fc.constant("reweight" as const), at, weight: usual }),
  fc.record({ kind: fc.constant("rezone" as const), at, zone }),
);

function apply(targets: readonly Dealable[], step: Step, number: number): readonly Dealable[] {
  if (step.kind === "add") return [{ id: `new ${number}`, zone: step.zone, weight: step.weight }, ...targets]; // all places shift
  const place = step.at % Math.max(1, targets.length);
  const target = targets[place];
  if (target === undefined) return targets;
  const [before, after] = [targets.slice(0, place), targets.slice(place + 1)];
  if (step.kind === "remove") return [...before, ...after];
  if (step.kind === "shuffle") return [...after, target, ...before];
  const { kind: _, at: __, ...change } = step;
  return [...before, { ...target, ...change }, ...after];
}

const CUSTOMERS = Array.from({ length: 6 }, (_, i) => `customer-${i}`);

describe("a cached shard is always what a fresh deal gives", () => {
  // Sizes in percent and few targets make sizes and zones change often; each customer is asked for at some of the steps only.
  const chains = fc.record({
    first: pools,
    rules: fc.oneof(
      settings,
      fc.tuple(settings, percents).map(([rules, size]): DealRules => ({ ...rules, size })),
    ),
    steps: fc.array(fc.record({ steps: fc.array(steps, { minLength: 1, maxLength: 3 }), asks: fc.nat({ max: 63 }) }), { maxLength: 12 }),
    terms: fc.option(anyTerms, { nil: undefined }),
  });

  test("through any changes of the pool, in every mode, under any terms", () => {
    let [checked, replays] = [0, 0];
    fc.assert(
      fc.property(chains, ({ first, rules, steps: chain, terms }) => {
        const cache = new DealCache(100);
        let [targets, number] = [first, 0];
        let dealer = new Dealer(targets, rules);
        for (const { steps: changes, asks } of [{ steps: [], asks: 63 }, ...chain]) {
          for (const change of changes) targets = apply(targets, change, number++);
          if (changes.length > 0) dealer = new Dealer(targets, rules, dealer);
          for (const customer of CUSTOMERS.filter((_, i) => (asks >> i) & 1)) {
            expect(cache.shardOf(dealer, customer, terms)).toEqual(new Dealer(targets, rules).deal(customer, terms));
            checked += 1;
          }
        }
        replays += cache.stats.replays;
      }),
      runs(1500),
    );
    expect(checked).toBeGreaterThan(10_000);
    expect(replays).toBeGreaterThan(checked / 10); // or this would say little of them
  });

  test("when only the rules change: size, salt, mode", () => {
    const cache = new DealCache(100);
    let dealer = new Dealer(pool(20, 3), plain(3));
    for (const rules of [plain(3), plain(4), minZones(4), minZones(4, 3), spread(4), plain(4, "salt"), plain(4)]) {
      dealer = new Dealer(pool(20, 3), rules, dealer);
      for (const customer of CUSTOMERS) expect(cache.shardOf(dealer, customer)).toEqual(new Dealer(pool(20, 3), rules).deal(customer));
    }
  });

  test("when one customer's terms change", () => {
    const cache = new DealCache(100);
    const dealer = new Dealer(pool(20, 3), minZones(3));
    const changed: readonly Partial<Terms>[] = [
      {},
      { reseed: 1 },
      { reseed: 2 },
      { size: { kind: "count", count: 4 } },
      { size: { kind: "percent", basisPoints: 5000 } },
      { avoid: new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) },
      { avoid: new Set([9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]) },
    ];
    for (const change of changed) {
      const terms = { ...dealer.terms, ...change };
      expect(cache.shardOf(dealer, "acme", terms)).toEqual(dealer.deal("acme", terms));
    }
  });
});

describe("a change of the pool deals only those customers again whom it may concern", () => {
  const customers = Array.from({ length: 2000 }, (_, i) => `customer-${i}`);
  const weighted = weigh(pool(100, 3), [100, 50, 200, 400]);
  test.each([
    ["a target that comes, plain", pool(100, 3), pool(101, 3), plain(5)],
    ["a target that comes, two zones", pool(100, 3), pool(101, 3), minZones(5)],
    ["a target that comes, spread", pool(100, 3), pool(101, 3), spread(5)],
    ["a target that comes, weighted", weighted, [...weighted, { id: "new", zone: "zone-0" }], minZones(5)],
    ["a target that goes, plain", pool(100, 3), pool(100, 3).slice(1), plain(5)],
    ["a target that goes, spread", pool(100, 3), pool(100, 3).slice(1), spread(5)],
    ["a target that is drained", weighted, [{ id: "backend_0", zone: "zone-0", weight: 0 }, ...weighted.slice(1)], spread(5)],
    ["only the order of targets", pool(100, 3), pool(100, 3).toReversed(), minZones(5)],
  ] as const)("%s", (_name, before, after, rules) => {
    const cache = new DealCache(10_000);
    const first = new Dealer(before, rules);
    for (const customer of customers) cache.shardOf(first, customer);
    const second = new Dealer(after, rules, first);
    for (const customer of customers) cache.shardOf(second, customer);
    const changed = customers.filter((customer) => idsOf(first, customer) !== idsOf(second, customer)).length;
    expect(cache.stats).toEqual({ hits: 0, replays: customers.length - changed, misses: customers.length + changed });
  });

  const idsOf = (dealer: Dealer, customer: string): string =>
    dealer
      .deal(customer)
      .map((place) => dealer.targets[place]?.id)
      .join();
});

test("a shard from 16 changes ago is still judged, one from before that is dealt again", () => {
  for (const [changes, expected] of [
    [16, { hits: 0, replays: 1, misses: 1 }],
    [17, { hits: 0, replays: 0, misses: 2 }],
  ] as const) {
    const cache = new DealCache(10);
    let dealer = new Dealer(pool(10), plain(2));
    cache.shardOf(dealer, "acme");
    for (let i = 0; i < changes; i++) dealer = new Dealer(pool(10), plain(2), dealer);
    cache.shardOf(dealer, "acme");
    expect(cache.stats).toEqual(expected);
  }
});

test("equal terms are the same terms, whichever object they are", () => {
  const cache = new DealCache(10);
  const dealer = new Dealer(pool(10), plain(2));
  const terms = (): Terms => ({ size: { kind: "percent", basisPoints: 2500 }, reseed: 7, avoid: new Set([3]) });
  for (let i = 0; i < 3; i++) cache.shardOf(dealer, "acme", terms());
  expect(cache.stats).toEqual({ hits: 2, replays: 0, misses: 1 });
});

describe("a cache of ten", () => {
  const dealer = new Dealer(pool(10), plain(2));

  test("never deals again for the five customers last asked for", () => {
    const cache = new DealCache(10);
    for (let i = 0; i < 1000; i++) {
      for (let back = 0; back < 5; back++) cache.shardOf(dealer, `customer-${i + back}`);
    }
    expect(cache.stats.misses).toBe(1004);
  });

  test("never deals again for one that keeps asking, whoever comes in between", () => {
    const cache = new DealCache(10);
    for (let i = 0; i < 1000; i++) {
      cache.shardOf(dealer, "acme");
      cache.shardOf(dealer, `customer-${i}`);
    }
    expect(cache.stats).toEqual({ hits: 999, replays: 0, misses: 1001 });
  });

  test("forgets whom ten others came after", () => {
    const cache = new DealCache(10);
    for (let i = 0; i < 11; i++) cache.shardOf(dealer, `customer-${i}`);
    cache.shardOf(dealer, "customer-0");
    expect(cache.stats).toEqual({ hits: 0, replays: 0, misses: 12 });
  });
});
