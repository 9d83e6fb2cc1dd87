import fc from "fast-check";
import { expect, test } from "vitest";
import { finish, mapInSteps, type Steps, sortInSteps } from "../../src/core/steps.ts";

test("what is mapped or sorted in steps is what would be mapped or sorted at once", () => {
  const items = fc.array(fc.integer({ min: 0, max: 99 }), { maxLength: 2_000, size: "max" });
  fc.assert(
    fc.property(items, (numbers) => {
      expect(finish(mapInSteps(numbers, (item, index) => [item, index]))).toEqual(numbers.map((item, index) => [item, index]));
      const entries = numbers.map((number, index) => ({ number, index })); // the index shows whether equals keep their order
      const compare = (a: (typeof entries)[number], b: (typeof entries)[number]): number => a.number - b.number;
      expect(finish(sortInSteps(entries, compare))).toEqual(entries.toSorted(compare));
    }),
  );
});

test("no step handles more than some hundred of a list's items", () => {
  let handled = 0;
  const count = (a: number, b: number): number => {
    handled++;
    return a - b;
  };
  const numbers = Array.from({ length: 10_000 }, (_, index) => (index * 7_919) % 10_007);
  expect(most(mapInSteps(numbers, (item) => count(item, 0)))).toBeLessThanOrEqual(256);
  expect(most(sortInSteps(numbers, count))).toBeLessThanOrEqual(256 * 8); // a run of 256 takes so many comparisons

  function most(steps: Steps<unknown>): number {
    let largest = 0;
    for (let done = false; done !== true; ) {
      handled = 0;
      done = steps.next().done === true;
      largest = Math.max(largest, handled);
    }
    return largest;
  }
});
