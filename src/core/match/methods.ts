/** A bit each. */
const KNOWN: readonly string[] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

/** The bit of every other method. */
const OTHER = 1 << KNOWN.length;

/** All methods there are. */
export const ANY_METHOD = -1;

/** The bit of a method as sent; upper and lower case differ. RFC 9110 §9.1. */
export function methodBit(method: string): number {
  for (let i = 0; i < KNOWN.length; i++) if (KNOWN[i] === method) return 1 << i;
  return OTHER;
}

/** The bits of these methods; undefined where one has none of its own. None at all: any. */
export function methodMask(methods: readonly string[]): number | undefined {
  if (methods.length === 0) return ANY_METHOD;
  let mask = 0;
  for (const method of methods) mask |= methodBit(method);
  return mask & OTHER ? undefined : mask;
}
