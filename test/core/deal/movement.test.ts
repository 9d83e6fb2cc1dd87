import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ShardRules } from "../../../src/core/rules.ts";
import { byteStrings, type Dealt, dealIds, minZones, plain, pool, pools, runs, settings } from "./dealing.ts";

const without = (ids: readonly string[], others: readonly string[]): readonly string[] => ids.filter((id) => !others.includes(id));

test("taking one target away moves no other place of a shard, and adding it gains no other", () => {
  fc.assert(
    fc.property(pools, settings, byteStrings, (all, rules, customer) => {
      const [gone, ...rest] = all;
      fc.pre(gone !== undefined && rest.length > 0);
      const before = dealIds(all, rules)(customer);
      const after = dealIds(rest, rules)(customer);
      expect(without(before, after).length).toBeLessThanOrEqual(1);
      expect(without(after, before).length).toBeLessThanOrEqual(1);
      if (rules.zones === "plain") expect(without(before, after)).toEqual(before.includes(gone.id) ? [gone.id] : []);
    }),
    runs(2000),
  );
});

test("a target that moves to another zone, as one that leaves while another comes, moves at most two places", () => {
  fc.assert(
    fc.property(pools, settings, byteStrings, fc.constantFrom("a", "b", "new"), (all, rules, customer, zone) => {
      const [mover, ...rest] = all;
      fc.pre(mover !== undefined);
      const moved = dealIds([{ ...mover, zone }, ...rest], rules)(customer);
      expect(without(moved, dealIds(all, rules)(customer)).length).toBeLessThanOrEqual(2);
    }),
    runs(1000),
  );
});

test("with a size in percent, one target added loses a shard at most one member and gains it at most two", () => {
  const percents = fc.record({ kind: fc.constant("percent" as const), basisPoints: fc.integer({ min: 1, max: 10_000 }) });
  fc.assert(
    fc.property(pools, settings, percents, byteStrings, (all, rules, size, customer) => {
      fc.pre(all.length > 1);
      const before = dealIds(all.slice(1), { ...rules, size })(customer);
      const after = dealIds(all, { ...rules, size })(customer);
      expect(without(before, after).length).toBeLessThanOrEqual(1);
      expect(without(after, before).length).toBeLessThanOrEqual(2);
    }),
    runs(1000),
  );
});

test("a larger shard always keeps all members of the smaller, and plain ones their order", () => {
  fc.assert(
    fc.property(pools, settings, byteStrings, (targets, rules, customer) => {
      const count = rules.size.kind === "count" ? rules.size.count : 1;
      const smaller = dealIds(targets, rules)(customer);
      const larger = dealIds(targets, { ...rules, size: { kind: "count", count: count + 1 } })(customer);
      expect(without(smaller, larger)).toEqual([]);
      if (rules.zones === "plain") expect(larger.slice(0, smaller.length)).toEqual(smaller);
    }),
    runs(1000),
  );
});

/** How many places of the shards of customers 0 … customers − 1 another pool fills differently. */
function countMoved(rules: ShardRules, from: readonly Dealt[], to: readonly Dealt[], customers: number): number {
  const [before, after] = [dealIds(from, rules), dealIds(to, rules)];
  let moved = 0;
  for (let i = 0; i < customers; i++) moved += without(after(`customer-${i}`), before(`customer-${i}`)).length;
  return moved;
}

describe("an added target moves no more customers than it must: k in n + 1, within four standard deviations", () => {
  test.each([
    ["plain 8 → 9, k=2", plain(2), 8, 1],
    ["plain 20 → 21, k=4", plain(4), 20, 1],
    ["plain 100 → 101, k=5", plain(5), 100, 1],
    ["two zones, 30 → 31, k=5", minZones(5), 30, 3],
  ] as const)("%s", (_name, rules, n, zones) => {
    const customers = 20_000;
    const share = (rules.size.kind === "count" ? rules.size.count : 0) / (n + 1);
    const moved = countMoved(rules, pool(n, zones), pool(n + 1, zones), customers);
    expect(Math.abs(moved - customers * share)).toBeLessThan(4 * Math.sqrt(customers * share * (1 - share)));
  });
});

test("from eight targets to nine, 11.1 % of the members of shards of two move, give or take 1.5", () => {
  const customers = 5000;
  const percent = (100 * countMoved(plain(2), pool(8), pool(9), customers)) / (2 * customers);
  expect(percent).toBeGreaterThan(11.1 - 1.5);
  expect(percent).toBeLessThan(11.1 + 1.5);
});
