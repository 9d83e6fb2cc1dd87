/** How many targets a shard has: a number of them, or a share of the pool in hundredths of a percent (1…10000). */
export type Size =
  | { readonly kind: "count"; readonly count: number } // an integer, at least 1
  | { readonly kind: "percent"; readonly basisPoints: number };

/**
 * Reads a size as operators write it: an integer of at least 1, in decimal without sign or leading zeros (`3`), or
 * `0.01%`…`100%` with at most two decimals. Undefined for everything else; never throws.
 */
export function parseSize(text: string | number): Size | undefined {
  const written = String(text);
  return parseCount(written) ?? parsePercent(written);
}

function parseCount(text: string): Size | undefined {
  const count = Number(text);
  return /^[1-9][0-9]*$/.test(text) && Number.isSafeInteger(count) ? { kind: "count", count } : undefined;
}

function parsePercent(text: string): Size | undefined {
  const [, whole, decimals = ""] = /^(0|[1-9][0-9]{0,2})(?:\.([0-9]{1,2}))?%$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const basisPoints = Number(whole + decimals.padEnd(2, "0")); // digits moved, not multiplied: 0.07 * 100 is not 7
  return basisPoints >= 1 && basisPoints <= 10_000 ? { kind: "percent", basisPoints } : undefined;
}

/** The shortest text that `parseSize` reads as this size: `3`, `2.5%`. */
export const formatSize = (size: Size): string => (size.kind === "count" ? `${size.count}` : `${size.basisPoints / 100}%`);

/**
 * How many of `n` targets a shard gets: never more than there are, and at least one of them; a percentage rounds up.
 * riffle-1, 3.5.
 */
export function shardSize(size: Size, n: number): number {
  if (size.kind === "count") return Math.min(size.count, n);
  return Math.min(n, Math.max(1, Math.floor((n * size.basisPoints + 9_999) / 10_000)));
}
