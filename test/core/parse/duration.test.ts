import { expect, test } from "vitest";
import { parseDurationMs } from "../../../src/core/parse/duration.ts";

test.each([
  ["250ms", 250],
  ["1s", 1_000],
  ["0.25s", 250],
  ["0.007s", 7],
  ["5m", 300_000],
  ["1h", 3_600_000],
  ["2147483647ms", 2_147_483_647],
])("%s is %i ms", (text, ms) => expect(parseDurationMs(text)).toEqual({ value: ms }));

test.each(["", "5", "s", "-1s", "+1s", "1 s", "1S", "1s ", "1d", ".5s", "1.s", "1e3ms", "0x1s", "Infinityms"])(
  "%j is no duration",
  (text) =>
    expect(parseDurationMs(text)).toEqual({
      why: `${JSON.stringify(text)} is not a duration; write a number with its unit, such as 250ms, 1s or 5m`,
    }),
);

test("a duration is positive, and a whole number of milliseconds", () => {
  expect(parseDurationMs("0s")).toEqual({ why: '"0s" is out of range; write 1ms or more, and less than 24 days' });
  expect(parseDurationMs("1.5ms")).toEqual({ why: '"1.5ms" is not a whole number of milliseconds; write it in ms' });
});

test("a duration is no longer than a timer can wait", () => {
  for (const text of ["2147483648ms", "36000m", "597h", `${"9".repeat(400)}s`]) expect(parseDurationMs(text)).toHaveProperty("why");
});
