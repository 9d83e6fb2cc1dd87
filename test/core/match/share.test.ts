import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { requestKey } from "../../../src/core/deal/key.ts";
import { partOf, placeOf } from "../../../src/core/match/share.ts";
import type { SplitTarget } from "../../../src/core/route-rules.ts";
import { exchange } from "../../support/exchange.ts";

/** A split between clusters named by their index. */
const splitOf = (...weights: readonly number[]): SplitTarget => ({
  kind: "split",
  parts: weights.map((weight, index) => ({ weight, to: { kind: "cluster", cluster: `${index}`, output: {} } })),
});

function indexOf(split: SplitTarget, customer: string | undefined, { route = "canary", chance = 0 } = {}): number {
  const to = partOf(split, route, exchange({}, { customer }, chance));
  return to.kind === "cluster" ? Number(to.cluster) : -1;
}

// As they are; another hash would send everybody elsewhere on an update.
const GOLDEN = ["0.995964", "0.189148", "0.666763", "0.212142"];

const customers = Array.from({ length: 100_000 }, (_, index) => `customer-${index}`);

/** Five standard deviations of a binomial count: a fair share falls outside once in 1.7 million tries. */
const bound = (n: number, p: number): number => 5 * Math.sqrt(n * p * (1 - p));

const byteStrings = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)), maxLength: 40 });
const weights = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1_000_000 })), { minLength: 1, maxLength: 100 })
  .filter((all) => all.some((weight) => weight > 0));

describe("a customer's place", () => {
  test("is from 0 to below 1, and the same each time", () => {
    fc.assert(
      fc.property(byteStrings, byteStrings, (customer, route) => {
        const place = placeOf(customer, route);
        expect(place).toBeGreaterThanOrEqual(0);
        expect(place).toBeLessThan(1);
        expect(placeOf(customer, route)).toBe(place);
      }),
    );
  });

  test("does not change from one release to the next", () => {
    expect(["acme", "bolt", "caf\xe9", ""].map((customer) => placeOf(customer, "canary").toFixed(6))).toEqual(GOLDEN);
  });

  test("tells where one name ends and the other begins", () => {
    expect(placeOf("b", "a")).not.toBe(placeOf("", "ab"));
    expect(placeOf("b", "a")).not.toBe(placeOf("a", "b"));
  });

  test("is spread evenly over 100,000 customers, in each of twenty parts", () => {
    const counts = Array.from({ length: 20 }, () => 0);
    for (const customer of customers) {
      const part = Math.floor(placeOf(customer, "canary") * 20);
      counts[part] = (counts[part] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 5_000)).toBeLessThan(bound(100_000, 1 / 20));
  });

  test.each([
    ["another route", (customer: string) => placeOf(customer, "other")],
    ["the next of a host's routes", (customer: string) => placeOf(customer, "canary1")],
    ["what requests stick to targets by", (customer: string) => requestKey(customer).lo / 2 ** 32],
  ])("says nothing about the one on %s", (_, other) => {
    const both = customers.filter((customer) => placeOf(customer, "canary") < 0.1 && other(customer) < 0.1).length;
    expect(Math.abs(both - 1_000)).toBeLessThan(bound(100_000, 0.01));
  });
});

describe("a split", () => {
  test("gives each part its weight of 100,000 customers", () => {
    const split = splitOf(70, 0, 25, 5);
    const counts = [0, 0, 0, 0];
    for (const customer of customers) {
      const part = indexOf(split, customer);
      counts[part] = (counts[part] ?? 0) + 1;
    }
    for (const [part, share] of [0.7, 0, 0.25, 0.05].entries()) {
      expect(Math.abs((counts[part] ?? 0) - 100_000 * share)).toBeLessThanOrEqual(bound(100_000, share));
    }
  });

  test("from 90/10 to 80/20 moves a tenth of the customers, all of them to the part that grows", () => {
    const before = splitOf(90, 10);
    const after = splitOf(80, 20);
    const moves = customers.map((customer) => `${indexOf(before, customer)}${indexOf(after, customer)}`);
    const count = (move: string): number => moves.filter((one) => one === move).length;
    expect(count("10")).toBe(0);
    expect(Math.abs(count("01") - 10_000)).toBeLessThan(bound(100_000, 0.1));
  });

  test("keeps every member of a part that grows at the cost of the other, whatever the weights", () => {
    fc.assert(
      fc.property(byteStrings, fc.nat(1_000), fc.nat(1_000), fc.integer({ min: 1, max: 1_000 }), (customer, more, first, second) => {
        const total = first + second + more;
        const before = indexOf(splitOf(first, total - first), customer);
        const after = indexOf(splitOf(first + more, total - first - more), customer);
        if (before === 0) expect(after).toBe(0);
        if (after === 1) expect(before).toBe(1);
      }),
    );
  });

  test("depends on the weights' proportions alone", () => {
    fc.assert(
      fc.property(byteStrings, fc.integer({ min: 1, max: 1_000 }), (customer, times) => {
        expect(indexOf(splitOf(3 * times, 5 * times), customer)).toBe(indexOf(splitOf(3, 5), customer));
      }),
    );
  });

  test("is the same for a customer whatever the chance, and sends nobody to a part without weight", () => {
    const chances = fc.oneof(fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1), fc.nat(2 ** 32 - 1));
    fc.assert(
      fc.property(weights, fc.option(byteStrings, { nil: undefined }), chances, chances, (given, customer, chance, other) => {
        const part = indexOf(splitOf(...given), customer, { chance });
        expect(given[part]).toBeGreaterThan(0);
        if (customer !== undefined) expect(indexOf(splitOf(...given), customer, { chance: other })).toBe(part);
      }),
    );
  });

  test.each([0, 2 ** 32 - 1])("with nothing but weightless parts around sends all to the only one that weighs, chance %i", (chance) => {
    expect(indexOf(splitOf(0, 0, 1, 0), undefined, { chance })).toBe(2);
  });

  test("takes requests without a customer by chance, each part its weight", () => {
    const split = splitOf(90, 10);
    const parts = Array.from({ length: 1_000 }, (_, index) =>
      indexOf(split, undefined, { chance: Math.floor(((index + 0.5) / 1_000) * 2 ** 32) }),
    );
    expect(parts.filter((part) => part === 1)).toHaveLength(100);
  });

  test("on two routes halves the customers independently", () => {
    const split = splitOf(1, 1);
    const same = customers.filter((customer) => indexOf(split, customer, { route: "one" }) === indexOf(split, customer, { route: "two" }));
    expect(Math.abs(same.length - 50_000)).toBeLessThan(bound(100_000, 0.5));
  });
});
