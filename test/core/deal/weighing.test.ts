import { describe, expect, test } from "vitest";
import { type Dealable, Dealer, type DealRules } from "../../../src/core/deal/deal.ts";
import { minZones, plain, pool, spread, weigh } from "./dealing.ts";
import { count } from "./statistics.ts";

const CUSTOMERS = 100_000;

/** How many of the customers hold each target. */
function countHeld(targets: readonly Dealable[], rules: DealRules): Float64Array {
  const dealer = new Dealer(targets, rules);
  const held = new Float64Array(targets.length);
  for (let i = 0; i < CUSTOMERS; i++) for (const place of dealer.deal(`customer-${i}`)) count(held, place);
  return held;
}

describe("a shard of one holds a target in proportion to its weight, within four standard deviations", () => {
  test.each([
    ["weights 1, 2 and 4", [1, 1, 2, 4]],
    ["hundreds", [100, 50, 200, 400, 100]],
    ["one target that weighs nearly all", [1, 1, 1000]],
    ["the extremes", [1, 65_535, 30_000]],
  ] as const)("%s", (_name, weights) => {
    const held = countHeld(weigh(pool(weights.length, 2), weights), plain(1));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (const [place, weight] of weights.entries()) {
      const share = weight / total;
      expect(Math.abs((held[place] ?? 0) - CUSTOMERS * share)).toBeLessThan(4 * Math.sqrt(CUSTOMERS * share * (1 - share)));
    }
  });
});

// More than one member: each is drawn by weight from those left, so a heavy target is held by fewer than its share.
describe("larger shards hold targets as if drawn by weight one after another, give or take one point", () => {
  const weights = Array.from({ length: 20 }, (_, i) => (i < 10 ? 100 : i < 15 ? 200 : 400));
  test.each([4, 8, 20])("%d of 20 targets", (k) => {
    const held = countHeld(weigh(pool(20), weights), plain(k));
    const drawn = drawInTurn(weights, k);
    for (const place of weights.keys()) {
      expect(Math.abs((held[place] ?? 0) / CUSTOMERS - (drawn[place] ?? 0) / CUSTOMERS)).toBeLessThan(0.01);
    }
  });
});

test("weights count inside the zones in every mode: a target of four times the weight is held more often", () => {
  const weights = [100, 100, 100, 400, 400, 400]; // two targets in each of three zones
  for (const rules of [plain(3), minZones(3), spread(3)]) {
    const held = countHeld(weigh(pool(6, 3), weights), rules);
    for (const zone of [0, 1, 2]) expect((held[zone + 3] ?? 0) / (held[zone] ?? 0)).toBeGreaterThan(1.5);
  }
});

/** How often each of these is among k drawn one after another, each time by weight from those left: successive sampling. */
function drawInTurn(weights: readonly number[], k: number): Float64Array {
  const drawn = new Float64Array(weights.length);
  const random = createRandom(1);
  for (let i = 0; i < CUSTOMERS; i++) {
    const left = [...weights];
    for (let member = 0; member < k; member++) {
      const place = drawOne(left, random());
      count(drawn, place);
      left[place] = 0;
    }
  }
  return drawn;
}

/** One by weight; `chance` is from 0 to below 1. */
function drawOne(weights: readonly number[], chance: number): number {
  let left = chance * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [place, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return place;
  }
  return weights.findLastIndex((weight) => weight > 0); // rounding
}

/** Numbers from 0 to below 1, the same every time, that have nothing to do with riffle's own hash: xorshift32. */
function createRandom(seed: number): () => number {
  let x = seed;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 2 ** 32;
  };
}
