import { expect, test } from "vitest";
import { Random, Urn } from "../../../src/core/simulate/random.ts";

test("an urn gives distinct items, each set and order as often as the others", () => {
  const urn = new Urn(4, new Random(1));
  const counts = new Map<string, number>();
  const draws = 24_000;
  for (let i = 0; i < draws; i++) {
    const drawn = urn.draw(2).join();
    counts.set(drawn, (counts.get(drawn) ?? 0) + 1);
  }
  expect(counts.size).toBe(12); // ordered pairs of distinct items
  const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - draws / 12) ** 2 / (draws / 12), 0);
  expect(chiSquare).toBeLessThan(37.4); // 11 degrees of freedom, p = 10⁻⁴
});

test("numbers are the same for the same seed, and every seed has others", () => {
  const numbers = (seed: number): readonly number[] => {
    const random = new Random(seed);
    return Array.from({ length: 4 }, () => random.next());
  };
  expect(numbers(7)).toEqual(numbers(7));
  expect(new Set([0, 1, 2, 2 ** 31, 2 ** 32 - 1].flatMap(numbers)).size).toBe(20);
});
