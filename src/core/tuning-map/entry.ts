import type { Key } from "../deal/key.ts";
import { murmur3, murmur3Reversed } from "../deal/murmur.ts";
import { fieldsSize, type RawTuning, readChars, readFields, writeChars, writeFields } from "./fields.ts";
import { readVarint, varintSize, writeVarint } from "./varint.ts";

// A packed entry: the hash of the customer (4 bytes, the highest first), the size of the body, the body: the customer's size, the customer, the fields.

/** An entry that is to be written, in a buffer used again for the next one. */
export class Packer {
  hash = 0;
  #body = new Uint8Array(1024);
  #size = 0;

  pack(customer: string, tuning: RawTuning): void {
    const most = 5 + customer.length + fieldsSize(tuning);
    if (most > this.#body.length) this.#body = new Uint8Array(2 * most);
    const at = writeChars(customer, this.#body, writeVarint(customer.length, this.#body, 0));
    this.#size = writeFields(tuning, this.#body, at);
    this.hash = hashOf(customer);
  }

  /** Of the whole entry, in bytes. */
  get size(): number {
    return 4 + varintSize(this.#size) + this.#size;
  }

  /** What the entry adds to the sum of its map. */
  get digest(): Key {
    return digest(this.#body, this.#size);
  }

  writeTo(bytes: Uint8Array, at: number): void {
    for (let i = 0; i < 4; i++) bytes[at + i] = this.hash >>> (24 - 8 * i);
    const bodyAt = writeVarint(this.#size, bytes, at + 4);
    for (let i = 0; i < this.#size; i++) bytes[bodyAt + i] = this.#body[i] ?? 0;
  }

  /** Whether just this entry stands there. */
  isAt(bytes: Uint8Array, at: number): boolean {
    if (readHash(bytes, at) !== this.hash || readVarint(bytes, at + 4) !== this.#size) return false;
    const bodyAt = at + 4 + varintSize(this.#size);
    for (let i = 0; i < this.#size; i++) if (bytes[bodyAt + i] !== this.#body[i]) return false;
    return true;
  }
}

/** Finds a customer's place: a uint32. */
export function hashOf(customer: string): number {
  const bytes = customer.length <= scratch.length ? scratch : new Uint8Array(customer.length);
  return murmur3(bytes, writeChars(customer, bytes, 0), PLACE_SEED);
}

/** Reused, for speed. */
const scratch = new Uint8Array(256);

/** Both lanes of a body, one of them read backwards, for the reason that core/deal/key.ts gives. */
const digest = (body: Uint8Array, size: number): Key => ({
  lo: murmur3(body, size, LO_SEED),
  hi: murmur3Reversed(body, size, HI_SEED),
});

const PLACE_SEED = 0x2c1b3c6d;
const LO_SEED = 0x9747b28c;
const HI_SEED = 0x1b873593;

export const readHash = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;

/** Where the entry that begins at `at` ends. */
export function endOf(bytes: Uint8Array, at: number): number {
  const size = bytes[at + 4] ?? 0;
  return size < 0x80 ? at + 5 + size : at + 4 + varintSize(readVarint(bytes, at + 4)) + readVarint(bytes, at + 4);
}

export function readCustomer(bytes: Uint8Array, at: number): string {
  const keyAt = bodyOf(bytes, at);
  const size = readVarint(bytes, keyAt);
  const from = keyAt + varintSize(size);
  return readChars(bytes, from, from + size);
}

export function readTuning(bytes: Uint8Array, at: number): RawTuning {
  const keyAt = bodyOf(bytes, at);
  const size = readVarint(bytes, keyAt);
  return readFields(bytes, keyAt + varintSize(size) + size, endOf(bytes, at));
}

/** What the entry there adds to the sum of its map. */
export function readDigest(bytes: Uint8Array, at: number): Key {
  const body = bytes.subarray(bodyOf(bytes, at), endOf(bytes, at));
  return digest(body, body.length);
}

/** How the customer there is ordered against this one: by bytes, the shorter first; negative, 0 or positive. */
export function compareCustomer(bytes: Uint8Array, at: number, customer: string): number {
  const keyAt = bodyOf(bytes, at);
  const size = readVarint(bytes, keyAt);
  const from = keyAt + varintSize(size);
  const common = Math.min(size, customer.length);
  for (let i = 0; i < common; i++) {
    const difference = (bytes[from + i] ?? 0) - customer.charCodeAt(i);
    if (difference !== 0) return difference;
  }
  return size - customer.length;
}

const bodyOf = (bytes: Uint8Array, at: number): number => at + 4 + varintSize(readVarint(bytes, at + 4));
