/** A fraction of whole numbers, for what must be exact. */
export interface Rational {
  readonly over: bigint;
  readonly under: bigint; // above 0
}

export const whole = (value: number | bigint): Rational => ({ over: BigInt(value), under: 1n });
export const add = (a: Rational, b: Rational): Rational => reduce({ over: a.over * b.under + b.over * a.under, under: a.under * b.under });
export const times = (a: Rational, b: Rational): Rational => reduce({ over: a.over * b.over, under: a.under * b.under });
export const divide = (over: bigint, under: bigint): Rational => reduce({ over, under });

function reduce({ over, under }: Rational): Rational {
  let [a, b] = [over, under];
  while (b !== 0n) [a, b] = [b, a % b];
  return a === 0n ? { over: 0n, under: 1n } : { over: over / a, under: under / a };
}

/** How many sets of k there are among n, exactly. */
export function chooseExactly(n: number, k: number): bigint {
  if (k < 0 || k > n) return 0n;
  let ways = 1n;
  for (let i = 1; i <= k; i++) ways = (ways * BigInt(n - i + 1)) / BigInt(i);
  return ways;
}

/** How far a double is from a fraction, as a share of the fraction; of 0 only 0 is right. */
export function relativeError(actual: number, { over, under }: Rational): number {
  if (over === 0n) return actual === 0 ? 0 : Number.POSITIVE_INFINITY;
  // Doubles are fractions of a power of two: the difference is taken exactly, and only its ratio to the truth is rounded.
  const exponent = 1100 - Math.max(0, Math.floor(Math.log2(actual)) + 1);
  const scaled = scale(actual, exponent);
  const wrong = scaled * under - (over << BigInt(exponent));
  const digits = (wrong * 10n ** 24n) / (over << BigInt(exponent));
  return Math.abs(Number(digits)) / 1e24;
}

function scale(value: number, exponent: number): bigint {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const word = bits.getBigUint64(0);
  const power = Number((word >> 52n) & 0x7ffn);
  const mantissa = (word & 0xfffffffffffffn) | (power === 0 ? 0n : 1n << 52n);
  const shift = exponent + Math.max(power, 1) - 1075;
  return shift >= 0 ? mantissa << BigInt(shift) : mantissa >> BigInt(-shift);
}
