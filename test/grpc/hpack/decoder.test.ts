import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DecodedBlock, HpackDecoder, type HpackLimits } from "../../../src/grpc/hpack/decoder.ts";
import { fieldBytes, type HeaderField } from "../../../src/grpc/hpack/field.ts";
import { staticEntry } from "../../../src/grpc/hpack/static-table.ts";
import { fields, manners } from "./arbitraries.ts";
import { bytes, hex } from "./bytes.ts";
import { integer, ReferenceEncoder, string } from "./reference-encoder.ts";

const FIRST_DYNAMIC = 62;

const create = (limits: Partial<HpackLimits> = {}): HpackDecoder =>
  new HpackDecoder({ maxTableBytes: 4096, maxListBytes: 65_536, ...limits });
const remember = (name: string, value: string): Uint8Array => bytes([0x40], string(name, true), string(value, true));
const once = (name: string, value: string): Uint8Array => bytes([0x00], string(name, true), string(value, true));
const indexed = (...indices: readonly number[]): Uint8Array => bytes(...indices.map((index) => integer(index, 7, 0x80)));
const resize = (maxBytes: number): Uint8Array => integer(maxBytes, 5, 0x20);
const lines = ({ fields }: DecodedBlock): string[] => fields.map(({ name, value }) => `${name}: ${value}`);
const fault = (name: string) => expect.objectContaining({ name: "HpackError", fault: name });

describe("fields", () => {
  test("an indexed field is the very object of its entry, from either table", () => {
    const decoder = create();
    const [added] = decoder.decode(remember("traceparent", "00-1")).fields;
    const { fields } = decoder.decode(indexed(2, FIRST_DYNAMIC));
    expect(fields[0]).toBe(staticEntry(2));
    expect(fields[1]).toBe(added);
  });

  test("every static index is its entry, alone and as a literal's name, and the next one is the newest dynamic entry", () => {
    const decoder = create();
    decoder.decode(remember("newest", "1"));
    for (let index = 1; index < FIRST_DYNAMIC; index++) {
      const entry = staticEntry(index);
      expect(decoder.decode(indexed(index)).fields[0]).toBe(entry);
      expect(decoder.decode(bytes(integer(index, 4, 0), string("other", true))).fields).toEqual([{ name: entry?.name, value: "other" }]);
    }
    expect(lines(decoder.decode(indexed(FIRST_DYNAMIC)))).toEqual(["newest: 1"]);
  });

  test("a literal may take its name from a dynamic entry, even from one that it evicts", () => {
    const decoder = create({ maxTableBytes: 64 });
    decoder.decode(remember("traceparent", "00-1"));
    const block = bytes(integer(FIRST_DYNAMIC, 6, 0x40), string("00-2", false));
    expect(lines(decoder.decode(block))).toEqual(["traceparent: 00-2"]);
    expect(lines(decoder.decode(indexed(FIRST_DYNAMIC)))).toEqual(["traceparent: 00-2"]);
  });

  test("names and values are bytes: neither case nor UTF-8 nor control characters are looked at", () => {
    const all = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));
    for (const isHuffman of [true, false]) {
      const block = bytes([0x00], string(all, isHuffman), string(all, isHuffman));
      expect(create().decode(block).fields).toEqual([{ name: all, value: all }]);
    }
  });

  test("an empty block is an empty list", () => {
    expect(create().decode(bytes())).toEqual({ fields: [], isTooLarge: false });
  });

  test("a literal keeps what it said when the bytes it came in are overwritten", () => {
    const block = bytes([0x40], string("name", false), string("value", false));
    const { fields } = create().decode(block);
    block.fill(0x78);
    expect(fields).toEqual([{ name: "name", value: "value" }]);
  });
});

describe("table size updates", () => {
  test("0 empties the table, and the size before makes it usable again", () => {
    const decoder = create();
    decoder.decode(remember("a", "1"));
    expect(lines(decoder.decode(bytes(resize(0), resize(4096), remember("b", "2"))))).toEqual(["b: 2"]);
    expect(lines(decoder.decode(indexed(FIRST_DYNAMIC)))).toEqual(["b: 2"]);
    expect(() => decoder.decode(indexed(FIRST_DYNAMIC + 1))).toThrow(fault("unknown_index"));
  });

  test("a table of size 0 keeps nothing, block after block", () => {
    const decoder = create();
    decoder.decode(resize(0));
    decoder.decode(remember("a", "1"));
    expect(() => decoder.decode(indexed(FIRST_DYNAMIC))).toThrow(fault("unknown_index"));
  });

  test("a smaller size evicts the oldest", () => {
    const decoder = create();
    decoder.decode(bytes(remember("a", "1"), remember("b", "2")));
    expect(lines(decoder.decode(bytes(resize(67), indexed(FIRST_DYNAMIC))))).toEqual(["b: 2"]);
    expect(() => decoder.decode(indexed(FIRST_DYNAMIC + 1))).toThrow(fault("unknown_index"));
  });

  test("a block may consist of size updates alone", () => {
    expect(create().decode(bytes(resize(100), resize(200)))).toEqual({ fields: [], isTooLarge: false });
  });
});

describe("refused", () => {
  test.each([
    { name: "index 0", block: "80", kind: "unknown_index" },
    { name: "an index behind the static table while the other is empty", block: "be", kind: "unknown_index" },
    { name: "the largest index there can be", block: "ff80ffffff07", kind: "unknown_index" },
    { name: "a name at an index that there is not, to be indexed", block: "7f000161", kind: "unknown_index" },
    { name: "a name at an index that there is not, not to be indexed", block: "0f2f0161", kind: "unknown_index" },
    { name: "a name at an index that there is not, never to be indexed", block: "1f2f0161", kind: "unknown_index" },
    { name: "a size above the limit", block: "3fe21f", kind: "size_above_limit" },
    { name: "a size above the limit, after one within", block: "203fe21f", kind: "size_above_limit" },
    { name: "a size update after a field", block: "8220", kind: "size_misplaced" },
    { name: "a size update after a size update and a field", block: "208220", kind: "size_misplaced" },
    { name: "three size updates", block: "202020", kind: "size_repeated" },
    { name: "an index without its end", block: "82ff", kind: "truncated" },
    { name: "an index that goes on for ever", block: "ff8080808080808080", kind: "integer_overflow" },
    { name: "a size without its end", block: "3f", kind: "truncated" },
    { name: "a literal without name", block: "40", kind: "truncated" },
    { name: "a literal with half a name", block: "400361", kind: "truncated" },
    { name: "a literal without value", block: "400161", kind: "truncated" },
    { name: "a literal with half a value", block: "4001610262", kind: "truncated" },
    { name: "a string longer than any block", block: "4001617f80ffffff07", kind: "truncated" },
    { name: "a length that overflows", block: "407fffffffff7f", kind: "integer_overflow" },
    { name: "EOS in a name", block: "4084ffffffff0161", kind: "huffman_eos" },
    { name: "EOS in a value", block: "40016184ffffffff", kind: "huffman_eos" },
    { name: "padding of eight bits", block: "40016181ff", kind: "huffman_padding" },
    { name: "padding of zeros", block: "4001618118", kind: "huffman_padding" },
  ])("as $kind: $name", ({ block, kind }) => {
    expect(() => create().decode(hex(block))).toThrow(fault(kind));
  });

  test("a size of exactly the limit is none of these", () => {
    expect(create().decode(hex("3fe11f")).fields).toEqual([]);
  });

  test("every cut inside a field, and no other", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fields, manners), { maxLength: 5 }), (list) => {
        const encoder = new ReferenceEncoder(4096);
        const parts = list.map(([field, manner]) => encoder.encode(field, manner));
        const block = bytes(...parts);
        const ends = parts.map((_, place) => bytes(...parts.slice(0, place + 1)).length);
        for (let cut = 0; cut < block.length; cut++) {
          const start = block.subarray(0, cut);
          const whole = ends.filter((end) => end <= cut).length;
          if (cut === (ends[whole - 1] ?? 0)) {
            expect(create().decode(start).fields).toEqual(list.slice(0, whole).map(([field]) => field));
          } else {
            expect(() => create().decode(start)).toThrow(fault("truncated"));
          }
        }
      }),
    );
  });
});

describe("a list too large", () => {
  const block = bytes(once("a", "1"), once("b", "2"), once("c", "3")); // 34 bytes a field

  test("begins one byte above the limit", () => {
    expect(create({ maxListBytes: 102 }).decode(block)).toEqual({
      fields: ["a1", "b2", "c3"].map(([name, value]) => ({ name, value })),
      isTooLarge: false,
    });
    expect(create({ maxListBytes: 101 }).decode(block).isTooLarge).toBe(true);
  });

  test("yields its first fields, and none behind one that did not fit, however small", () => {
    const decoder = create({ maxListBytes: 101 });
    expect(lines(decoder.decode(bytes(once("a", "1"), once("b", "2".repeat(50)), once("c", "3"))))).toEqual(["a: 1"]);
  });

  test("leaves the table as the peer believes it to be", () => {
    const decoder = create({ maxListBytes: 40 });
    expect(lines(decoder.decode(bytes(remember("a", "1"), remember("b", "2"), remember("c", "3"))))).toEqual(["a: 1"]);
    expect(lines(decoder.decode(indexed(FIRST_DYNAMIC)))).toEqual(["c: 3"]);
    expect(lines(decoder.decode(indexed(FIRST_DYNAMIC + 1)))).toEqual(["b: 2"]);
  });

  test("is still refused for what cannot be decoded behind the limit", () => {
    expect(() => create({ maxListBytes: 40 }).decode(bytes(block, indexed(FIRST_DYNAMIC)))).toThrow(fault("unknown_index"));
  });

  test("holds no more than the limit for 64 KiB that refer to an entry of 4 KiB each", () => {
    const decoder = create({ maxListBytes: 65_536 });
    decoder.decode(remember("bomb", "x".repeat(4096 - 32 - 4)));
    const { fields, isTooLarge } = decoder.decode(new Uint8Array(65_536).fill(0x80 | FIRST_DYNAMIC));
    expect(isTooLarge).toBe(true);
    expect(fields).toHaveLength(16);
    expect(new Set(fields).size).toBe(1);
  });
});

describe("a block seen before", () => {
  const warm = (): HpackDecoder => {
    const decoder = create();
    decoder.decode(bytes(remember("a", "1"), remember("b", "2")));
    return decoder;
  };
  const usual = indexed(2, FIRST_DYNAMIC, FIRST_DYNAMIC + 1);

  test("is answered by the same object while nothing changes", () => {
    const decoder = warm();
    const first = decoder.decode(usual);
    expect(lines(first)).toEqual([":method: GET", "b: 2", "a: 1"]);
    expect(decoder.decode(Buffer.from(usual))).toBe(first);
    const other = decoder.decode(indexed(3));
    expect(decoder.decode(usual)).toBe(first);
    expect(decoder.decode(indexed(3))).toBe(other);
  });

  test("is so also when too large, and when its literals are not indexed", () => {
    const decoder = create({ maxListBytes: 40 });
    const block = bytes(once("a", "1"), once("b", "2"));
    expect(decoder.decode(block)).toBe(decoder.decode(block));
    expect(decoder.decode(block).isTooLarge).toBe(true);
  });

  test.each([
    { name: "an insertion", change: remember("c", "3"), now: [":method: GET", "c: 3", "b: 2"] },
    { name: "an insertion into another's block", change: bytes(indexed(2), remember("c", "3")), now: [":method: GET", "c: 3", "b: 2"] },
    {
      name: "emptying and filling anew",
      change: bytes(resize(0), resize(4096), remember("a", "8"), remember("b", "9")),
      now: [":method: GET", "b: 9", "a: 8"],
    },
  ])("means what the table says after $name", ({ change, now }) => {
    const decoder = warm();
    const before = decoder.decode(usual);
    decoder.decode(change);
    const after = decoder.decode(usual);
    expect(after).not.toBe(before);
    expect(lines(after)).toEqual(now);
    expect(lines(before)).toEqual([":method: GET", "b: 2", "a: 1"]);
  });

  test("is refused once a smaller table lacks its entries", () => {
    const decoder = warm();
    decoder.decode(usual);
    decoder.decode(resize(40));
    expect(() => decoder.decode(usual)).toThrow(fault("unknown_index"));
  });

  test("is decoded anew each time when it inserts, and inserts each time", () => {
    const decoder = create();
    const block = remember("a", "1");
    expect(decoder.decode(block)).not.toBe(decoder.decode(block));
    expect(lines(decoder.decode(indexed(FIRST_DYNAMIC, FIRST_DYNAMIC + 1)))).toEqual(["a: 1", "a: 1"]);
  });

  test("is decoded anew each time when it changes the size", () => {
    const decoder = warm();
    const block = bytes(resize(0), resize(4096));
    decoder.decode(block);
    decoder.decode(remember("a", "1"));
    decoder.decode(block);
    expect(() => decoder.decode(indexed(FIRST_DYNAMIC))).toThrow(fault("unknown_index"));
  });

  test("is not confused with another in the same buffer", () => {
    const decoder = create();
    const buffer = indexed(2);
    const first = decoder.decode(buffer);
    buffer.set(indexed(3));
    expect(lines(decoder.decode(buffer))).toEqual([":method: POST"]);
    expect(decoder.decode(indexed(2))).toBe(first);
  });

  test("of more than 512 bytes is decoded anew, to the same list", () => {
    const decoder = create();
    const block = new Uint8Array(513).fill(0x82);
    const first = decoder.decode(block);
    const second = decoder.decode(block);
    expect(second).toEqual(first);
    expect(second).not.toBe(first);
  });
});

describe("whatever an encoder may send", () => {
  const sizes = fc.oneof(
    { arbitrary: fc.constant([]), weight: 4 },
    fc.tuple(fc.integer({ min: 0, max: 600 })),
    fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 100, max: 600 })),
  );
  const blocks = fc.array(fc.record({ sizes, list: fc.array(fc.tuple(fields, manners), { maxLength: 8 }), again: fc.nat(2) }), {
    maxLength: 25,
  });

  test("is decoded to the same lists over many blocks, and a repeated block to the same object", () => {
    fc.assert(
      fc.property(blocks, (session) => {
        const encoder = new ReferenceEncoder(600);
        const decoder = create({ maxTableBytes: 600 });
        for (const { sizes, list, again } of session) {
          const updates = sizes.map((size) => encoder.resize(size));
          const before = encoder.entries.slice();
          const block = bytes(...updates, ...list.map(([field, manner]) => encoder.encode(field, manner)));
          const decoded = decoder.decode(block);
          expect(decoded).toEqual({ fields: list.map(([field]) => field), isTooLarge: false });
          const isUnchanged = sizes.length === 0 && list.every(([, { literal }]) => literal !== "incremental");
          if (!isUnchanged) continue;
          expect(encoder.entries).toEqual(before);
          for (let i = 0; i < again; i++) expect(decoder.decode(block)).toBe(decoded);
        }
      }),
    );
  });

  test("is cut off at the limit of the list, and the next block is decoded as if nothing were", () => {
    fc.assert(
      fc.property(blocks, fc.nat(500), (session, maxListBytes) => {
        const encoder = new ReferenceEncoder(600);
        const decoder = create({ maxTableBytes: 600, maxListBytes });
        for (const { list } of session) {
          const { fields, isTooLarge } = decoder.decode(bytes(...list.map(([field, manner]) => encoder.encode(field, manner))));
          const fitting = prefixWithin(
            list.map(([field]) => field),
            maxListBytes,
          );
          expect(fields).toEqual(fitting);
          expect(isTooLarge).toBe(fitting.length < list.length);
        }
      }),
    );
  });
});

/** As many fields from the start as fit. */
function prefixWithin(list: readonly HeaderField[], maxBytes: number): HeaderField[] {
  const sums = list.map((_, place) => list.slice(0, place + 1).reduce((sum, field) => sum + fieldBytes(field), 0));
  return list.slice(0, sums.filter((sum) => sum <= maxBytes).length);
}
