import fc from "fast-check";
import { expect, test } from "vitest";
import { Latencies } from "../../src/store/latencies.ts";

const sorted = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => a - b);

test("a quantile is at or above the true one, and at most a sixteenth above it", () => {
  const ms = fc.double({ min: 0.001, max: 100_000, noNaN: true });
  fc.assert(
    fc.property(fc.array(ms, { minLength: 1, maxLength: 500, size: "max" }), fc.constantFrom(0.5, 0.9, 0.99, 0.999, 1), (values, share) => {
      const latencies = new Latencies();
      for (const value of values) latencies.record(value);
      const exact = sorted(values)[Math.ceil(share * values.length) - 1] ?? Number.NaN;
      const read = latencies.quantileMs(share) ?? Number.NaN;
      expect(read).toBeGreaterThanOrEqual(exact);
      expect(read).toBeLessThanOrEqual(exact * (1 + 1 / 16) + 1e-9);
      expect(latencies.count).toBe(values.length);
    }),
  );
});

test("of nothing there is no quantile, and what is out of range counts at the edge", () => {
  const latencies = new Latencies();
  expect(latencies.quantileMs(0.5)).toBeUndefined();
  for (const odd of [0, -1, Number.NaN]) latencies.record(odd);
  expect(latencies.quantileMs(1)).toBeLessThan(0.0011);
  latencies.record(1e12);
  expect(latencies.quantileMs(1)).toBe(2 ** 27 / 1000);
});
