import type { Key } from "./key.ts";

/** How far two keys are apart, as a uint32: the lowest score ranks first. Symmetric. riffle-1, 3.3. */
export const score = (a: Key, b: Key): number => mixLanes(a.lo ^ b.lo, a.hi ^ b.hi);

/** The score of two keys whose lanes are already combined by xor: for loops over keys in typed arrays. riffle-1, 3.3. */
export function mixLanes(lo: number, hi: number): number {
  let x = Math.imul(lo, 0x85ebca6b);
  x ^= x >>> 15;
  x = Math.imul(x + hi, 0xc2b2ae35);
  x ^= x >>> 13;
  x = Math.imul(x, 0x27d4eb2f);
  return (x ^ (x >>> 16)) >>> 0; // `^` yields signed numbers
}
