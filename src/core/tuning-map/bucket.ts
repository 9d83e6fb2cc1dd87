import { compareCustomer, endOf, type Packer, readCustomer, readHash } from "./entry.ts";

/** Packed entries one after the other, in the order of their hashes, then of their customers. Never changed once made. */
export type Bucket = Uint8Array;

export const EMPTY: Bucket = new Uint8Array(0);

/** Where the customer's entry begins; where it is not there, the complement (`~`) of where it would. Looks at `filled` bytes. */
export function locate(bucket: Bucket, customer: string, hash: number, filled = bucket.length): number {
  const first = hash >>> 24;
  let at = 0;
  for (; at < filled; at = endOf(bucket, at)) {
    if ((bucket[at] ?? 0) < first) continue; // of most entries the first byte says enough
    const here = readHash(bucket, at);
    if (here < hash) continue;
    if (here > hash) break;
    const order = compareCustomer(bucket, at, customer);
    if (order === 0) return at;
    if (order > 0) break;
  }
  return ~at;
}

/** A bucket with the packed entry in place of the one that `locate` found, or where it found none; no entry: without that one. */
export function replace(bucket: Bucket, located: number, entry: Packer | undefined): Bucket {
  const at = located < 0 ? ~located : located;
  const end = located < 0 ? at : endOf(bucket, at);
  const size = entry?.size ?? 0;
  const changed = new Uint8Array(bucket.length - (end - at) + size);
  changed.set(bucket.subarray(0, at));
  entry?.writeTo(changed, at);
  changed.set(bucket.subarray(end), at + size);
  return changed;
}

/** Those entries of which `isLeft` holds of the hash, and the others. */
export function split(bucket: Bucket, isLeft: (hash: number) => boolean): readonly [left: Bucket, right: Bucket] {
  const sizes = { left: 0, right: 0 };
  for (const [at, end] of ranges(bucket)) sizes[isLeft(readHash(bucket, at)) ? "left" : "right"] += end - at;
  const left = new Uint8Array(sizes.left);
  const right = new Uint8Array(sizes.right);
  let leftAt = 0;
  for (const [at, end] of ranges(bucket)) {
    const goesLeft = isLeft(readHash(bucket, at));
    (goesLeft ? left : right).set(bucket.subarray(at, end), goesLeft ? leftAt : at - leftAt);
    if (goesLeft) leftAt += end - at;
  }
  return [left, right];
}

/** The entries of both, which have no customer in common. */
export function merge(a: Bucket, b: Bucket): Bucket {
  const merged = new Uint8Array(a.length + b.length);
  let aAt = 0;
  for (const [at, end] of ranges(b)) {
    const until = ~locate(a, readCustomer(b, at), readHash(b, at));
    merged.set(a.subarray(aAt, until), aAt + at);
    merged.set(b.subarray(at, end), until + at);
    aAt = until;
  }
  merged.set(a.subarray(aAt), aAt + b.length);
  return merged;
}

/** Where each entry begins and ends. */
export function* ranges(bucket: Bucket): Generator<readonly [at: number, end: number]> {
  for (let at = 0; at < bucket.length; ) {
    const end = endOf(bucket, at);
    yield [at, end];
    at = end;
  }
}
