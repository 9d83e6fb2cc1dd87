import { describe, expect, test } from "vitest";
import { Dealer, type DealRules } from "../../../src/core/deal/deal.ts";
import { minZones, plain, pool, spread } from "./dealing.ts";

const TARGETS = pool(100, 3);
const OTHERS = Array.from({ length: 5000 }, (_, i) => `customer-${i}`);

/** What one customer leaves behind whose requests kill every target they reach, until all it can reach are dead. */
interface Harm {
  readonly dead: number; // targets
  readonly dark: number; // of the other customers, those with no target left
}

/** As riffle deals: a dead target keeps its place, since the deal never hears of health. */
function harmOf(rules: DealRules, poison: string): Harm {
  const dealer = new Dealer(TARGETS, rules);
  const dead = new Set(dealer.deal(poison));
  const dark = OTHERS.filter((customer) => dealer.deal(customer).every((place) => dead.has(place)));
  return { dead: dead.size, dark: dark.length };
}

/** As it would be if shards were filled up again: each death deals the next victim. */
function harmWhenRefilled(rules: DealRules, poison: string): Harm {
  let alive = TARGETS;
  while (alive.length > 0) {
    const reached = new Set(new Dealer(alive, rules).deal(poison));
    alive = alive.filter((_, place) => !reached.has(place));
  }
  return { dead: TARGETS.length - alive.length, dark: alive.length === 0 ? OTHERS.length : 0 };
}

describe("a customer that kills every target it reaches, shards of 5 of 100, 5,000 other customers", () => {
  test.each([
    ["plain", plain(5)],
    ["two zones", minZones(5)],
    ["spread", spread(5)],
  ] as const)("kills five targets and leaves nobody without one: %s", (_name, rules) => {
    for (const poison of ["poison", "another", "a third"]) expect(harmOf(rules, poison)).toEqual({ dead: 5, dark: 0 });
  });

  // What makes the test above worth something: the same deals, refilled on death, would take everybody down.
  test("would kill all 100 and leave all 5,000 without one if dead targets were replaced", () => {
    expect(harmWhenRefilled(plain(5), "poison")).toEqual({ dead: 100, dark: 5000 });
  });
});
