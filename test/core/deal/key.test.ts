import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toByteString } from "../../../src/core/bytes.ts";
import { customerKey, hashKey, requestKey, targetKey, zoneKey } from "../../../src/core/deal/key.ts";
import { byteStrings, runs } from "./dealing.ts";
import { customerBytes, fromHex, vectors } from "./vectors.ts";

describe("keys follow the golden vectors", () => {
  test.each(vectors.lanes)("of the bytes $hex", ({ hex, lo, hi }) => expect(hashKey([fromHex(hex)])).toEqual({ lo, hi }));
  test.each(vectors.customers)("of the customer message $message", ({ salt, reseed, lo, hi, ...customer }) => {
    expect(customerKey(toByteString(salt), customerBytes(customer), reseed)).toEqual({ lo, hi });
  });
  test.each(vectors.targets)("of target $id", ({ id, lo, hi }) => expect(targetKey(toByteString(id))).toEqual({ lo, hi }));
  test.each(vectors.zones)("of zone '$zone'", ({ zone, lo, hi }) => expect(zoneKey(toByteString(zone))).toEqual({ lo, hi }));
  test.each(vectors.requests)("of request '$request'", ({ request, lo, hi }) => {
    expect(requestKey(toByteString(request))).toEqual({ lo, hi });
  });
});

test("a target, a zone, a customer and a request of one name have four different keys", () => {
  const keys = [targetKey("x"), zoneKey("x"), customerKey("", "x", 0), requestKey("x")];
  expect(new Set(keys.map(({ lo, hi }) => `${lo}/${hi}`)).size).toBe(4);
});

test("a key does not depend on the messages hashed before it", () => {
  fc.assert(
    fc.property(byteStrings, byteStrings, (customer, other) => {
      const before = customerKey("salt", customer, 0);
      customerKey("another salt", other, 7);
      expect(customerKey("salt", customer, 0)).toEqual(before);
    }),
    runs(300),
  );
});

test("a customer longer than any buffer is hashed to its last byte", () => {
  const long = "x".repeat(5000);
  expect(customerKey("", `${long}a`, 0)).not.toEqual(customerKey("", `${long}b`, 0));
  expect(customerKey("", `a${long}`, 0)).not.toEqual(customerKey("", `b${long}`, 0));
});

// Flip bit 18 of one mixed block and bit 31 of the next, and MurmurHash3 gives the same hash under every seed and prefix.
test("a crafted pair that collides in one direction does not in the other", () => {
  const [one, other] = craftedPair();
  for (const salt of ["", "abc", "0123456789abcdef"]) {
    const prefix = salt.padEnd(Math.ceil((salt.length + 3) / 4) * 4 - 3, "x"); // aligns the customer on a block: c NUL salt NUL
    expect(customerKey(prefix, one, 0).lo).toBe(customerKey(prefix, other, 0).lo);
    expect(customerKey(prefix, one, 0).hi).not.toBe(customerKey(prefix, other, 0).hi);
  }
});

function craftedPair(): readonly [string, string] {
  const blocks = [0x64636261, 0x68676665];
  const flips = [1 << 18, 1 << 31];
  const flipped = blocks.map((block, i) => unscramble(scramble(block) ^ (flips[i] ?? 0)));
  return [toBytes(blocks), toBytes(flipped)];
}

const toBytes = (blocks: readonly number[]): string =>
  blocks.flatMap((block) => [0, 8, 16, 24].map((shift) => String.fromCharCode((block >>> shift) & 0xff))).join("");
const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));
const scramble = (block: number): number => Math.imul(rotate(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593);
const unscramble = (word: number): number => Math.imul(rotate(Math.imul(word, inverse(0x1b873593)), 17), inverse(0xcc9e2d51));

/** The factor that undoes a multiplication by an odd word, by Newton's steps: each doubles the right bits. */
function inverse(odd: number): number {
  let x = odd;
  for (let step = 0; step < 5; step++) x = Math.imul(x, 2 - Math.imul(odd, x));
  return x;
}
