import { type Bucket, EMPTY, locate, merge, replace, split } from "./bucket.ts";
import { hashOf, Packer, readDigest } from "./entry.ts";
import type { RawTuning } from "./fields.ts";
import { List, type ListEdit } from "./list.ts";

/** Entries by the hash of their customer: linear hashing (Litwin 1980), which grows and shrinks by one bucket at a time. */
export interface Table {
  readonly buckets: List<Bucket>;
  readonly size: number; // customers
  readonly lo: number; // the two lanes of the sum of all digests
  readonly hi: number;
}

export const EMPTY_TABLE: Table = { buckets: new List([[EMPTY]], 1), size: 0, lo: 0, hi: 0 };

/** Entries a bucket, on average: each costs some 200 bytes by itself, and a look-up reads half of one. */
const LOAD = 24;

/** How many buckets so many customers have: of the size alone, so that equal contents are equal tables. */
export const bucketsFor = (size: number): number => Math.max(1, Math.ceil(size / LOAD));

/** The bucket, of `count`, for a hash: its lowest bits say; where there is no such bucket yet, one bit less. */
export function placeOf(hash: number, count: number): number {
  const mask = maskOf(count);
  const place = (hash & mask) >>> 0;
  return place < count ? place : place & (mask >>> 1);
}

/** All bits that the place of the last of so many buckets can have. */
const maskOf = (count: number): number => (count === 1 ? 0 : 2 ** (32 - Math.clz32(count - 1)) - 1);

/** The place of the bucket that the last of so many, at least 2, was split from. */
const parentOf = (count: number): number => (count - 1) & (maskOf(count) >>> 1);

/** Reused, for speed: what is packed is written before the next change. */
const packer = new Packer();

/** Changes to a table, until `finish` makes a new one of it; the table that it began with stays as it was. */
export class TableEdit {
  readonly #buckets: ListEdit<Bucket>;
  #size: number;
  #lo: number;
  #hi: number;
  #hasChanged = false;

  constructor({ buckets, size, lo, hi }: Table) {
    this.#buckets = buckets.edit();
    this.#size = size;
    this.#lo = lo;
    this.#hi = hi;
  }

  get hasChanged(): boolean {
    return this.#hasChanged;
  }

  /** Undefined: removes the customer. */
  set(customer: string, tuning: RawTuning | undefined): void {
    const hash = hashOf(customer);
    const place = placeOf(hash, this.#buckets.length);
    const bucket = this.#buckets.at(place) ?? EMPTY;
    const located = locate(bucket, customer, hash);
    if (tuning === undefined && located < 0) return;
    if (tuning !== undefined) packer.pack(customer, tuning);
    if (tuning !== undefined && located >= 0 && packer.isAt(bucket, located)) return; // a store read again says mostly the same
    this.#hasChanged = true;
    this.#account(bucket, located, tuning !== undefined);
    this.#buckets.set(place, replace(bucket, located, tuning === undefined ? undefined : packer));
    this.resize(1);
  }

  /** Makes or takes away at most so many buckets; true once their number is what the size asks for. */
  resize(most: number): boolean {
    const wanted = bucketsFor(this.#size);
    for (let i = 0; i < most && this.#buckets.length < wanted; i++) this.#grow();
    for (let i = 0; i < most && this.#buckets.length > wanted; i++) this.#shrink();
    return this.#buckets.length === wanted;
  }

  finish(): Table {
    return { buckets: this.#buckets.finish(), size: this.#size, lo: this.#lo, hi: this.#hi };
  }

  #account(bucket: Bucket, located: number, adds: boolean): void {
    const gone = located < 0 ? NOTHING : readDigest(bucket, located);
    const come = adds ? packer.digest : NOTHING;
    this.#lo = (this.#lo - gone.lo + come.lo) >>> 0;
    this.#hi = (this.#hi - gone.hi + come.hi) >>> 0;
    this.#size += (adds ? 1 : 0) - (located < 0 ? 0 : 1);
  }

  #grow(): void {
    const place = this.#buckets.length;
    const parent = parentOf(place + 1);
    const [stays, goes] = split(this.#buckets.at(parent) ?? EMPTY, (hash) => placeOf(hash, place + 1) === parent);
    this.#buckets.set(parent, stays);
    this.#buckets.set(place, goes);
  }

  #shrink(): void {
    const parent = parentOf(this.#buckets.length);
    const last = this.#buckets.pop() ?? EMPTY;
    this.#buckets.set(parent, merge(this.#buckets.at(parent) ?? EMPTY, last));
  }
}

/** The digest of no entry. */
const NOTHING = { lo: 0, hi: 0 };
