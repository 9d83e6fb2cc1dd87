import { type Parsed, refuse, value } from "./scalar.ts";

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

/** What a timer can wait for; setTimeout takes a longer one for 1 ms. */
const MAX_MS = 2 ** 31 - 1;

/** Reads `250ms`, `1.5s`, `5m`, `1h` → whole milliseconds, 1 … 2^31 − 1. */
export function parseDurationMs(text: string): Parsed<number> {
  const [, number = "", unit = ""] = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const ms = Number(number) * (UNIT_MS.get(unit) ?? Number.NaN);
  if (Number.isNaN(ms)) return refuse(text, "is not a duration; write a number with its unit, such as 250ms, 1s or 5m");
  const whole = Math.round(ms);
  if (Math.abs(ms - whole) > 1e-6) return refuse(text, "is not a whole number of milliseconds; write it in ms");
  if (whole < 1 || whole > MAX_MS) return refuse(text, "is out of range; write 1ms or more, and less than 24 days");
  return value(whole);
}

/** The same, and `0s` for none at all → 0. */
export const parseGraceMs = (text: string): Parsed<number> => (/^0(ms|s|m|h)$/.test(text) ? value(0) : parseDurationMs(text));
