import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Dealable, DealRules } from "../../../src/core/deal/deal.ts";
import { byteStrings, dealIds, minZones, percents, plain, pool, pools, runs, settings, spread, weights } from "./dealing.ts";

const without = (ids: readonly string[], others: readonly string[]): readonly string[] => ids.filter((id) => !others.includes(id));

/** What a shard loses and gains when its pool becomes another. */
const change = (before: readonly string[], after: readonly string[]) => ({ lost: without(before, after), gained: without(after, before) });

describe("a shard loses at most one member and gains at most one, in every mode", () => {
  const oneAtMost = ({ lost, gained }: ReturnType<typeof change>): void => {
    expect(lost.length).toBeLessThanOrEqual(1);
    expect(gained.length).toBeLessThanOrEqual(1);
  };

  test("when a target comes or goes, with or without a zone of its own", () => {
    fc.assert(
      fc.property(pools, settings, byteStrings, fc.constantFrom(undefined, "new"), (all, rules, customer, zone) => {
        const [one, ...rest] = all;
        fc.pre(one !== undefined && rest.length > 0);
        const before = dealIds([{ ...one, zone: zone ?? one.zone }, ...rest], rules)(customer);
        const moved = change(before, dealIds(rest, rules)(customer));
        oneAtMost(moved);
        if (rules.zones === "plain") expect(moved.lost).toEqual(before.includes(one.id) ? [one.id] : []);
      }),
      runs(3000),
    );
  });

  test("when a target's weight changes, to 0 or from 0 as well", () => {
    fc.assert(
      fc.property(pools, settings, byteStrings, weights, (all, rules, customer, weight) => {
        const [one, ...rest] = all;
        fc.pre(one !== undefined);
        oneAtMost(change(dealIds(all, rules)(customer), dealIds([{ ...one, weight }, ...rest], rules)(customer)));
      }),
      runs(3000),
    );
  });
});

test("a target whose weight is lowered is the only one that leaves a shard, step by step down to 0", () => {
  fc.assert(
    fc.property(pools, settings, byteStrings, fc.array(weights, { maxLength: 5 }), (all, rules, customer, steps) => {
      const [drained, ...rest] = all;
      fc.pre(drained !== undefined);
      let before = dealIds([{ ...drained, weight: 65_535 }, ...rest], rules)(customer);
      for (const weight of [...steps.toSorted((a, b) => b - a), 0]) {
        const after = dealIds([{ ...drained, weight }, ...rest], rules)(customer);
        expect(without(before, after).filter((id) => id !== drained.id)).toEqual([]);
        before = after;
      }
    }),
    runs(1000),
  );
});

test("two changes move at most two places: a target that moves to another zone, as one that leaves while another comes", () => {
  fc.assert(
    fc.property(pools, settings, byteStrings, fc.constantFrom("a", "b", "new"), (all, rules, customer, zone) => {
      const [mover, ...rest] = all;
      fc.pre(mover !== undefined);
      const { lost, gained } = change(dealIds(all, rules)(customer), dealIds([{ ...mover, zone }, ...rest], rules)(customer));
      expect(Math.max(lost.length, gained.length)).toBeLessThanOrEqual(2);
    }),
    runs(2000),
  );
});

test("with a size in percent, one target added loses a shard at most one member and gains it at most two", () => {
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

test("a larger shard always keeps all members of the smaller, and plain and spread ones their order", () => {
  fc.assert(
    fc.property(pools, settings, byteStrings, (targets, rules, customer) => {
      const count = rules.size.kind === "count" ? rules.size.count : 1;
      const smaller = dealIds(targets, rules)(customer);
      const larger = dealIds(targets, { ...rules, size: { kind: "count", count: count + 1 } })(customer);
      expect(without(smaller, larger)).toEqual([]);
      if (rules.zones !== "min") expect(larger.slice(0, smaller.length)).toEqual(smaller);
    }),
    runs(1000),
  );
});

/** How many places of the shards of customers 0 … customers − 1 another pool fills differently. */
function countMoved(rules: DealRules, from: readonly Dealable[], to: readonly Dealable[], customers: number): number {
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
    ["spread over one zone, 30 → 31, k=5", spread(5), 30, 1],
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
