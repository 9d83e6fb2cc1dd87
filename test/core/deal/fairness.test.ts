import { describe, expect, test } from "vitest";
import { Dealer } from "../../../src/core/deal/deal.ts";
import { hashKey } from "../../../src/core/deal/key.ts";
import { minZones, plain, pool, spread } from "./dealing.ts";
import { choose, count, type Deal, maxOverAverage, measureFairness } from "./statistics.ts";

const uuid = (i: number): string => {
  const { lo, hi } = hashKey([`${i}`]);
  return `${lo.toString(16).padStart(8, "0")}-${hi.toString(16).padStart(8, "0")}`;
};

// The limits are 0.9999 quantiles of chi-square; a sound deal fails one of them once in 10,000 sets of names.
describe("28 targets, shards of three, 12,000 customers: no target, pair or shard is favoured", () => {
  const dealer = new Dealer(pool(28), plain(3));
  test.each([
    ["tenant-0, tenant-1, …", (i: number) => `tenant-${i}`],
    ["plain numbers", (i: number) => `${i}`],
    ["padded numbers", (i: number) => `${i}`.padStart(12, "0")],
    ["numbers in front", (i: number) => `${i}.customers.example.com`],
    ["hexadecimal ids", uuid],
    ["raw bytes", (i: number) => String.fromCharCode(i & 255, i >> 8)],
  ] as const)("customers named by %s", (_name, nameOf) => {
    const fair = measureFairness((i) => dealer.deal(nameOf(i)), { n: 28, k: 3, customers: 12_000 });
    expect(fair.inclusion).toBeLessThan(63.4);
    expect(fair.first).toBeLessThan(63.4);
    expect(fair.pairs).toBeLessThan(500);
    expect(fair.shards).toBeLessThan(3585);
    expect(fair.fullOverlap).toBeGreaterThan(0.95);
    expect(fair.fullOverlap).toBeLessThan(1.05);
  });

  test("one customer's reseeds", () => {
    const fair = measureFairness((reseed) => dealer.deal("acme", { ...dealer.terms, reseed }), { n: 28, k: 3, customers: 12_000 });
    expect(fair.inclusion).toBeLessThan(63.4);
    expect(fair.pairs).toBeLessThan(500);
    expect(fair.shards).toBeLessThan(3585);
  });
});

test("all 28 shards of two that eight targets allow are in use", () => {
  const dealer = new Dealer(pool(8), plain(2));
  expect(measureFairness((i) => dealer.deal(`customer-${i}`), { n: 8, k: 2, customers: 5000 }).distinct).toBe(28);
});

describe("60 targets, shards of four: two customers share as few targets as a random deal gives them", () => {
  const ideal = [0, 1, 2, 3].map((shared) => (100 * choose(4, shared) * choose(56, 4 - shared)) / choose(60, 4));
  const tolerances = [0.4, 0.4, 0.15, 0.03];
  test.each([
    ["plain", plain(4)],
    ["two zones of three", minZones(4, 2)],
  ] as const)("%s", (_name, rules) => {
    const dealer = new Dealer(pool(60, 3), rules);
    const percents = shareOverlaps((i) => dealer.deal(`customer-${i}`), 1200);
    for (const [shared, tolerance] of tolerances.entries()) {
      expect(Math.abs((percents[shared] ?? 0) - (ideal[shared] ?? 0))).toBeLessThan(tolerance);
    }
  });
});

describe("100 targets, shards of five, 100,000 customers: the fullest target has at most 6 % above the average", () => {
  test.each([
    ["plain", plain(5)],
    ["two zones of three", minZones(5)],
    ["spread", spread(5)],
  ] as const)("%s", (_name, rules) => {
    const dealer = new Dealer(pool(100, 3), rules);
    const loads = new Float64Array(100);
    for (let i = 0; i < 100_000; i++) for (const place of dealer.deal(`customer-${i}`)) count(loads, place);
    expect(maxOverAverage(loads)).toBeLessThanOrEqual(1.06);
  });
});

// The tempting shortcut h, h + 1, …: its balance is as good as a random deal's, so balance alone proves nothing.
test("dealing neighbours would pass for balance, and is refused by pairs, shards and overlap", () => {
  const neighbours: Deal = (i) => [0, 1, 2].map((step) => (hashKey([`tenant-${i}`]).lo + step) % 28);
  const fair = measureFairness(neighbours, { n: 28, k: 3, customers: 12_000 });
  expect(fair.first).toBeLessThan(63.4);
  expect(fair.pairs).toBeGreaterThan(500);
  expect(fair.shards).toBeGreaterThan(3585);
  expect(fair.distinct).toBe(28);
  expect(fair.fullOverlap).toBeGreaterThan(1.05);
});

/** Of all pairs of customers, the percentage that shares 0, 1, 2, … targets. */
function shareOverlaps(deal: Deal, customers: number): readonly number[] {
  const shards = Array.from({ length: customers }, (_, i) => deal(i));
  const shared = new Float64Array(8);
  for (const [i, shard] of shards.entries()) {
    const members = new Set(shard);
    for (const other of shards.slice(i + 1)) count(shared, other.filter((place) => members.has(place)).length);
  }
  return [...shared].map((pairs) => (100 * pairs) / choose(customers, 2));
}
