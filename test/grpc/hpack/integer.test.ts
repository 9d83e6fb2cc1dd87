import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Cursor, MAX_INTEGER, MAX_INTEGER_BYTES, readInteger, writeInteger } from "../../../src/grpc/hpack/integer.ts";
import type { Prefix } from "../../../src/grpc/hpack/prefix.ts";
import { hex } from "./bytes.ts";

const prefix = (bits: number, pattern = 0): Prefix => ({ pattern, mask: 2 ** bits - 1 });
const read = (digits: string, bits: number): number => readInteger({ bytes: hex(digits), at: 0 }, prefix(bits));

function write(value: number, how: Prefix): Uint8Array {
  const cursor: Cursor = { bytes: new Uint8Array(MAX_INTEGER_BYTES), at: 0 };
  writeInteger(cursor, value, how);
  return cursor.bytes.subarray(0, cursor.at);
}

describe("RFC 7541 C.1", () => {
  test.each([
    { example: "C.1.1", value: 10, bits: 5, digits: "0a" },
    { example: "C.1.2", value: 1337, bits: 5, digits: "1f9a0a" },
    { example: "C.1.3", value: 42, bits: 8, digits: "2a" },
  ])("$example: $value with a prefix of $bits bits is $digits", ({ value, bits, digits }) => {
    expect(read(digits, bits)).toBe(value);
    expect(write(value, prefix(bits))).toEqual(hex(digits));
  });
});

test("every integer there may be is read as it was written, whatever the pattern before it", () => {
  const values = fc.oneof(fc.nat(300), fc.nat(MAX_INTEGER), fc.integer({ min: MAX_INTEGER - 300, max: MAX_INTEGER }));
  fc.assert(
    fc.property(values, fc.integer({ min: 4, max: 8 }), fc.nat(0xff), (value, bits, pattern) => {
      const how = prefix(bits, pattern & ~(2 ** bits - 1));
      const written = write(value, how);
      const cursor: Cursor = { bytes: written, at: 0 };
      expect(readInteger(cursor, how)).toBe(value);
      expect(cursor.at).toBe(written.length);
      expect((written[0] ?? 0) & ~how.mask).toBe(how.pattern);
    }),
  );
});

test.each([
  { value: 30, digits: "1e" },
  { value: 31, digits: "1f00" },
  { value: 32, digits: "1f01" },
  { value: 158, digits: "1f7f" },
  { value: 159, digits: "1f8001" },
])("$value is $digits where the bytes needed change", ({ value, digits }) => {
  expect(write(value, prefix(5))).toEqual(hex(digits));
  expect(read(digits, 5)).toBe(value);
});

test("bits of the pattern are no part of the integer", () => {
  expect(read("ea", 5)).toBe(10);
  expect(read("ff9a0a", 5)).toBe(1337);
});

test("zeros that lengthen an integer change nothing, up to five bytes after the first", () => {
  expect(read("1f8000", 5)).toBe(31);
  expect(read("1f8080808000", 5)).toBe(31);
});

test.each([
  { name: "one above 2^31-1", digits: "7f81ffffff07", fault: "integer_overflow" },
  { name: "far above, in five bytes after the first", digits: "7fffffffff7f", fault: "integer_overflow" },
  { name: "zeros in a sixth byte after the first", digits: "7f808080808000", fault: "integer_overflow" },
  { name: "bytes without an end", digits: "7f80808080808080808080808080", fault: "integer_overflow" },
  { name: "nothing", digits: "", fault: "truncated" },
  { name: "an end after the prefix", digits: "7f", fault: "truncated" },
  { name: "an end between two bytes", digits: "7f80", fault: "truncated" },
])("refused as $fault: $name", ({ digits, fault }) => {
  expect(() => read(digits, 7)).toThrow(expect.objectContaining({ name: "HpackError", fault }));
});

test("the largest integer is read", () => {
  expect(read("7f80ffffff07", 7)).toBe(MAX_INTEGER);
});
