import fc from "fast-check";
import { expect, test } from "vitest";
import { HpackDecoder } from "../../../src/grpc/hpack/decoder.ts";
import { encodeBlock, TABLE_SIZE_ZERO } from "../../../src/grpc/hpack/encoder.ts";
import { fields } from "./arbitraries.ts";
import { bytes, hex } from "./bytes.ts";

const create = (maxTableBytes = 4096): HpackDecoder => new HpackDecoder({ maxTableBytes, maxListBytes: 65_536 });

test.each([
  { name: "a field of the static table is its index", field: { name: ":status", value: "200" }, digits: "88" },
  {
    name: "a static name is an index, a value in Huffman codes",
    field: { name: ":path", value: "/sample/path" },
    digits: "0489 6103 a6ba 0ac5 634c ff",
  },
  { name: "an index above 14 takes two bytes", field: { name: "server", value: "302" }, digits: "0f27 8264 02" },
  {
    name: "other names are literals",
    field: { name: "custom-key", value: "custom-value" },
    digits: "0088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
  },
  { name: "what codes do not shorten stays as it is", field: { name: "x", value: "\x00\xff" }, digits: "0001 7802 00ff" },
  { name: "an empty value is a length of 0", field: { name: ":authority", value: "" }, digits: "81" },
  { name: "an empty name, too", field: { name: "", value: "" }, digits: "0000 00" },
])("$name", ({ field, digits }) => {
  expect(encodeBlock([field])).toEqual(hex(digits));
});

test("whatever is encoded is decoded to the same list, on any connection, and inserts nothing", () => {
  fc.assert(
    fc.property(fc.array(fields, { maxLength: 10 }), (list) => {
      const block = encodeBlock(list);
      const decoder = create();
      const decoded = decoder.decode(block);
      expect(decoded).toEqual({ fields: list, isTooLarge: false });
      expect(decoder.decode(block)).toBe(decoded);
      expect(create(0).decode(block)).toEqual(decoded);
    }),
  );
});

test("a string is never longer than its own bytes and their length", () => {
  fc.assert(
    fc.property(fields, (field) => {
      expect(encodeBlock([field]).length).toBeLessThanOrEqual(bytes(field.name, field.value).length + 5);
    }),
  );
});

test("strings of many kilobytes come back whole", () => {
  for (const value of ["0".repeat(100_000), "\xff".repeat(30_000)])
    expect(new HpackDecoder({ maxTableBytes: 0, maxListBytes: 1e6 }).decode(encodeBlock([{ name: "n", value }])).fields).toEqual([
      { name: "n", value },
    ]);
});

test("no list is no bytes", () => {
  expect(encodeBlock([])).toEqual(bytes());
});

test("a field that is no byte string is refused", () => {
  for (const field of [
    { name: "n", value: "\u0100" },
    { name: "\u0100", value: "v" },
    { name: ":path", value: "ok\u010a" },
  ]) {
    expect(() => encodeBlock([field])).toThrow(RangeError);
  }
});

test("a size update of 0 may precede any block, and empties the table", () => {
  expect(TABLE_SIZE_ZERO).toEqual(hex("20"));
  const decoder = create();
  decoder.decode(hex("400161 0162"));
  expect(decoder.decode(bytes(TABLE_SIZE_ZERO, encodeBlock([{ name: ":status", value: "200" }]))).fields).toEqual([
    { name: ":status", value: "200" },
  ]);
  expect(() => decoder.decode(hex("be"))).toThrow(expect.objectContaining({ fault: "unknown_index" }));
});
