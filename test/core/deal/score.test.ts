import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mixLanes, score } from "../../../src/core/deal/score.ts";
import { runs } from "./dealing.ts";
import { vectors } from "./vectors.ts";

const uint32 = fc.nat({ max: 0xffffffff });
const keys = fc.record({ lo: uint32, hi: uint32 });

describe("scores follow the golden vectors", () => {
  test.each(vectors.scores)("of $a and $b", ({ a, b, score: expected }) => expect(score(a, b)).toBe(expected));
});

test("a score is always a uint32, the same both ways, whether the lanes are signed or not", () => {
  fc.assert(
    fc.property(keys, keys, (a, b) => {
      const scored = score(a, b);
      expect(scored).toBe(scored >>> 0);
      expect(score(b, a)).toBe(scored);
      expect(mixLanes((a.lo ^ b.lo) >>> 0, (a.hi ^ b.hi) >>> 0)).toBe(scored);
    }),
    runs(300),
  );
});
