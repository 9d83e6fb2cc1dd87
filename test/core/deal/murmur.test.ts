import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { murmur3, murmur3Reversed } from "../../../src/core/deal/murmur.ts";
import { runs } from "./dealing.ts";
import { vectors } from "./vectors.ts";

const hashAll = (bytes: Uint8Array, seed: number): number => murmur3(bytes, bytes.length, seed);
const uint32 = fc.nat({ max: 0xffffffff });

describe("the hash is MurmurHash3_x86_32 of the golden vectors", () => {
  test.each(vectors.murmur3)("$text under seed $seed", ({ text, seed, hash }) => {
    expect(hashAll(Buffer.from(text, "utf8"), seed)).toBe(hash);
  });
});

test("the reversed hash is always the hash of the bytes in reverse order", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), uint32, (bytes, seed) => {
      expect(murmur3Reversed(bytes, bytes.length, seed)).toBe(hashAll(bytes.toReversed(), seed));
    }),
    runs(300),
  );
});

test("bytes behind the length are never hashed", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: 20 }), uint32, (bytes, rest, seed) => {
      const buffer = Uint8Array.of(...bytes, ...rest);
      expect(murmur3(buffer, bytes.length, seed)).toBe(hashAll(bytes, seed));
      expect(murmur3Reversed(buffer, bytes.length, seed)).toBe(murmur3Reversed(bytes, bytes.length, seed));
    }),
    runs(300),
  );
});
