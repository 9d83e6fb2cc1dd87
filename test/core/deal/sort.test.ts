import fc from "fast-check";
import { expect, test } from "vitest";
import { sortNumbers, sortPairs } from "../../../src/core/deal/sort.ts";
import { runs } from "./dealing.ts";

const lengths = { minLength: 0, maxLength: 200 };

test("numbers are always sorted up to the count, and left alone behind it", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), lengths), fc.array(fc.nat(), { maxLength: 5 }), (numbers, rest) => {
      const all = Float64Array.of(...numbers, ...rest);
      sortNumbers(all, numbers.length);
      expect([...all]).toEqual([...numbers.toSorted((a, b) => a - b), ...rest]);
    }),
    runs(500),
  );
});

test("pairs are always sorted by the first number and then the second, and left alone behind the count", () => {
  const pairs = fc.array(fc.tuple(fc.nat({ max: 9 }), fc.nat()), lengths); // few first numbers, so that most of them tie
  fc.assert(
    fc.property(pairs, fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 5 }), (some, rest) => {
      const all = [...some, ...rest];
      const firsts = Float64Array.from(all, ([first]) => first);
      const seconds = Float64Array.from(all, ([, second]) => second);
      sortPairs(firsts, seconds, some.length);
      const expected = [...some.toSorted(([a, b], [c, d]) => a - c || b - d), ...rest];
      expect([...firsts].map((first, i) => [first, seconds[i]])).toEqual(expected);
    }),
    runs(500),
  );
});
