/** A count of things: 100,000; what no table has room for as a power, 7.53e+31; an expected one below 1 is not rounded away. */
export function formatCount(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "more than 1e+308";
  if (value > 0 && value < 1) return shorten(value);
  return value < 1e15 ? Math.round(value).toLocaleString("en-US") : value.toPrecision(3);
}

/** A share 0 … 1 as a percentage with four digits that count: 53.57 %, 0.04593 %; a tiny one as a power. */
export function formatShare(share: number): string {
  const percent = 100 * share;
  if (percent === 0) return "0 %";
  return `${percent < 1e-5 ? percent.toExponential(2) : shorten(percent)} %`;
}

/** How far chance alone may carry a share: two digits. */
export const formatError = (share: number): string => `± ${Number((100 * share).toPrecision(2))} %`;

/** Any other number from 0 on, four digits: 1.027, 12,345. */
export const formatNumber = (value: number): string => (value >= 1000 ? formatCount(value) : shorten(value));

/** Four digits, without zeros that say nothing. */
const shorten = (value: number): string => `${Number(value.toPrecision(4))}`;
