import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EjectionRules } from "../../src/core/rules.ts";
import {
  afterFailure,
  afterSuccess,
  eject,
  HEALTHY,
  type Health,
  isDue,
  isEjected,
  mostEjected,
  release,
} from "../../src/store/ejection.ts";

const rules: EjectionRules = { failures: 3, timeMs: 1_000, maxTimeMs: 8_000, maxBasisPoints: 5_000 };
const lastedMs = ({ fromMs, untilMs }: Health): number => untilMs - fromMs;

/** Ejected so often, each time as soon as it is back. */
function ejectedTimes(times: number): Health {
  let health = HEALTHY;
  for (let i = 0; i < times; i++) health = eject(health, rules, health.untilMs);
  return health;
}

describe("an ejection is due", () => {
  const run = (events: string): Health =>
    [...events].reduce((health, event, at) => (event === "f" ? afterFailure(health, at) : afterSuccess(health, rules, at)), HEALTHY);

  test.each([
    ["after so many failures in a row", "fff", true],
    ["not before", "ff", false],
    ["not where a success lies between", "ffsff", false],
    ["after a success, by failures in a row again", "ffsfff", true],
    ["as long as nothing succeeds", "ffffff", true],
    ["not once something did", "ffffffs", false],
  ])("%s", (_, events, expected) => {
    expect(isDue(run(events), rules)).toBe(expected);
  });

  test("by failures after the last one, not by those that led to it", () => {
    const back = afterFailure(ejectedTimes(1), 1_000);
    expect(back.failures).toBe(1);
  });
  test("not by what was sent before the target was ejected", () => {
    const health = ejectedTimes(1);
    expect(afterFailure(health, 999)).toBe(health);
    expect(afterSuccess(health, rules, 999)).toBe(health);
  });
});

describe("the time of an ejection", () => {
  test("doubles up to the longest", () => {
    expect([1, 2, 3, 4, 5, 50].map((times) => lastedMs(ejectedTimes(times)))).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
  });
  test("is never longer than the longest, nor shorter than the time before, however often it happens in a row", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 1e9 }), (timeMs, maxTimeMs) => {
        let health = HEALTHY;
        for (let before = 0, i = 0; i < 60; i++) {
          health = eject(health, { ...rules, timeMs, maxTimeMs }, health.untilMs);
          expect(lastedMs(health)).toBeGreaterThanOrEqual(before);
          expect(lastedMs(health)).toBeLessThanOrEqual(maxTimeMs);
          before = lastedMs(health);
        }
        expect(lastedMs(health)).toBe(maxTimeMs);
      }),
    );
  });
  test("begins at once and ends on the millisecond; a clock set back ends it, too", () => {
    const health = eject(HEALTHY, rules, 5_000);
    expect([4_999, 5_000, 5_999, 6_000].map((at) => isEjected(health, at))).toEqual([false, true, true, false]);
  });
});

describe("a target that is back", () => {
  const nextMs = (health: Health): number => lastedMs(eject(health, rules, 1e9));

  test("counts one ejection less once it was healthy for as long as it was away", () => {
    const back = ejectedTimes(2); // until 3,000; away for 2,000
    expect(nextMs(afterSuccess(back, rules, 4_999))).toBe(4_000);
    expect(nextMs(afterSuccess(back, rules, 5_000))).toBe(2_000);
    expect(nextMs(afterSuccess(back, rules, 5_999))).toBe(2_000); // the next one less takes 1,000
    expect(nextMs(afterSuccess(back, rules, 6_000))).toBe(1_000);
  });
  test("is not healthy while it fails", () => {
    const failing = afterFailure(ejectedTimes(2), 4_500);
    expect(nextMs(afterSuccess(failing, rules, 6_499))).toBe(4_000);
    expect(nextMs(afterSuccess(failing, rules, 6_500))).toBe(2_000);
  });
  test("is as good as new in the end, however often it was ejected, and soon: at most twice the longest time", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), (times) => {
        const health = ejectedTimes(times);
        expect(afterSuccess(health, rules, health.untilMs + 2 * rules.maxTimeMs)).toMatchObject({ ejections: 0, failures: 0 });
      }),
    );
  });
  test("before its time keeps what counts against it", () => {
    const early = release(ejectedTimes(2), 1_500);
    expect(isEjected(early, 1_500)).toBe(false);
    expect(nextMs(early)).toBe(4_000);
  });
  test("and answers costs nothing: the same object as before", () => {
    expect(afterSuccess(HEALTHY, rules, 7)).toBe(HEALTHY);
  });
});

test.each([
  [10_000, 3, 3],
  [5_000, 3, 1],
  [5_000, 8, 4],
  [1_000, 9, 0],
  [1_000, 10, 1],
])("of a share of %d basis points of %d targets, %d may be ejected", (maxBasisPoints, targets, most) => {
  expect(mostEjected({ ...rules, maxBasisPoints }, targets)).toBe(most);
});
