import type { TextTest } from "./condition.ts";

/** Whether a text is a whole number with from ≤ n < to, as Envoy's range_match reads it (absl::SimpleAtoi to an int64). */
export function createRangeTest({ from, to }: { readonly from: number; readonly to: number }): TextTest {
  const range = `a whole number from ${from} to below ${to}`;
  return {
    passes: (text) => {
      const number = parseInteger(text);
      return number !== undefined && number >= from && number < to;
    },
    yes: `is ${range}`,
    no: `is not ${range}`,
  };
}

/** White space around it and one sign are allowed; undefined for what is no number or none of 64 bits. */
function parseInteger(text: string): number | undefined {
  const digits = /^[\t-\r ]*([+-]?[0-9]+)[\t-\r ]*$/.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const number = Number(digits);
  return number >= -(2 ** 63) && number < 2 ** 63 ? number : undefined;
}
