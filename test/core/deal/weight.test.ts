import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { murmur3 } from "../../../src/core/deal/murmur.ts";
import { compareRanks, cost, costTable, greatestScore, isWeight, rankValue } from "../../../src/core/deal/weight.ts";
import { runs } from "./dealing.ts";
import { vectors } from "./vectors.ts";

const scores = fc.oneof(fc.nat({ max: 0xffffffff }), fc.nat({ max: 5000 }), fc.integer({ min: 0xffffffff - 5000, max: 0xffffffff }));
const weights = fc.integer({ min: 1, max: 65_535 });

describe("costs follow the golden vectors", () => {
  test.each(vectors.costs)("of the score $score", ({ score, cost: expected }) => expect(cost(score)).toBe(expected));
  test.each(vectors.ranks.flatMap(({ rank }) => rank))("the rank value of $score at weight $weight", ({ score, weight, value }) => {
    expect(rankValue(score, weight)).toBe(value);
  });

  test("and all 1,025 entries of the table", () => {
    const table = costTable();
    expect(table).toEqual(vectors.table.values);
    expect(table.reduce((sum, entry) => sum + entry, 0)).toBe(vectors.table.sum);
    const bytes = new Uint8Array(Int32Array.from(table).buffer);
    expect(murmur3(bytes, bytes.length, 0)).toBe(vectors.table.murmur3LeSeed0);
  });
});

test("a cost is always an integer from 0 to 2³¹, and never decreases as the score rises", () => {
  fc.assert(
    fc.property(scores, scores, (a, b) => {
      expect(Number.isInteger(cost(a)) && cost(a) >= 0 && cost(a) <= 2 ** 31).toBe(true);
      expect(Math.sign(cost(a) - cost(b)) * Math.sign(a - b)).toBeGreaterThanOrEqual(0);
    }),
    runs(5000),
  );
});

test("the greatest score of a rank value is always the last one that has it or less", () => {
  fc.assert(
    fc.property(scores, weights, weights, (score, weight, other) => {
      const value = rankValue(score, weight);
      const last = greatestScore(value, other);
      expect(rankValue(last, other)).toBeLessThanOrEqual(value);
      if (last < 0xffffffff) expect(rankValue(last + 1, other)).toBeGreaterThan(value);
    }),
    runs(2000),
  );
});

test("a rank is always decided by value and then by score, whether the weights are equal or not", () => {
  fc.assert(
    fc.property(scores, scores, weights, fc.oneof(weights, fc.constant(100)), (a, b, weight, other) => {
      for (const otherWeight of [weight, other]) {
        const expected = rankValue(a, weight) - rankValue(b, otherWeight) || a - b;
        expect(Math.sign(compareRanks(a, weight, b, otherWeight))).toBe(Math.sign(expected));
      }
    }),
    runs(2000),
  );
});

test("where different weights have one rank value, the lower score ranks first", () => {
  const [half, threeQuarters] = [2 ** 31, 3 * 2 ** 30]; // they cost 1 and 2, in units of 2²⁶
  expect(rankValue(half, 1)).toBe(rankValue(threeQuarters, 2));
  expect(compareRanks(half, 1, threeQuarters, 2)).toBeLessThan(0);
  expect(compareRanks(threeQuarters, 2, half, 1)).toBeGreaterThan(0);
});

describe("a weight is an integer from 0 to 65535", () => {
  test.each([0, 1, 100, 65_535])("%d is one", (weight) => expect(isWeight(weight)).toBe(true));
  test.each([-1, 65_536, 0.5, Number.NaN, Number.POSITIVE_INFINITY])("%d is none", (weight) => expect(isWeight(weight)).toBe(false));
});
