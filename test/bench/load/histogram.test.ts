import fc from "fast-check";
import { expect, test } from "vitest";
import { Histogram } from "../../../bench/load/histogram.ts";

const filled = (latencies: readonly number[]): Histogram => {
  const histogram = new Histogram();
  for (const us of latencies) histogram.record(us);
  return histogram;
};

test("a quantile is the latency that this share of all is at or below", () => {
  const latencies = fc.array(fc.integer({ min: 0, max: 99_999 }), { minLength: 1, maxLength: 300 });
  const shares = fc.constantFrom(0.5, 0.99, 0.999, 1);
  fc.assert(
    fc.property(latencies, shares, (all, share) => {
      const quantile = filled(all).quantileUs(share);
      const below = all.filter((us) => us < quantile).length;
      const atOrBelow = all.filter((us) => us <= quantile).length;
      expect(atOrBelow).toBeGreaterThanOrEqual(share * all.length);
      expect(below).toBeLessThan(share * all.length);
    }),
    { numRuns: 50 },
  );
});

test("the mean is not rounded by buckets, nor by what lies above them", () => {
  expect(filled([0.5, 1.25, 400_000]).meanUs()).toBeCloseTo(400_001.75 / 3);
});

test("above 100 ms a quantile is the largest latency seen", () => {
  expect(filled([10, 250_000, 300_000]).quantileUs(0.5)).toBe(300_000);
});

test("nothing recorded gives 0 for the mean", () => {
  expect(filled([]).meanUs()).toBe(0);
});
