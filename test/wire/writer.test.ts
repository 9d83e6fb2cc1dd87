import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Reader } from "../../src/wire/reader.ts";
import { type Writer, writeMessage } from "../../src/wire/writer.ts";
import { bytes, field, hex } from "./messages.ts";

const written = (fill: (writer: Writer) => void): string => hex(writeMessage(fill));

test("what is written first comes last", () => {
  expect(
    written((writer) => {
      writer.number(0x10, 2);
      writer.number(0x08, 1);
    }),
  ).toBe("08011002");
});

describe("numbers", () => {
  test.each([
    [0, "0800"],
    [127, "087f"],
    [128, "088001"],
    [16_383, "08ff7f"],
    [16_384, "08808001"],
    [2 ** 28, "088080808001"],
    [2 ** 32 - 1, "08ffffffff0f"],
  ])("%d", (value, digits) => {
    expect(written((writer) => writer.number(0x08, value))).toBe(digits);
  });
  test("every uint32 is read back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (value) => {
        const reader = new Reader(
          writeMessage((writer) => writer.number(0x08, value)),
          "number",
        );
        expect([reader.tag(), reader.varint(), reader.hasMore]).toEqual([0x08, value, false]);
      }),
    );
  });
  test.each([-1, 0.5, 2 ** 32, Number.NaN])("%d is refused", (value) => {
    expect(() => writeMessage((writer) => writer.number(0x08, value))).toThrow(TypeError);
  });
  test("truth is 1, and a double has eight bytes, the lowest first", () => {
    expect(written((writer) => writer.bool(0x20, true))).toBe("2001");
    expect(written((writer) => writer.bool(0x20, false))).toBe("2000");
    expect(written((writer) => writer.double(0x11, 1.5))).toBe("11000000000000f83f");
  });
});

test("a byte string is a byte a char, and text is UTF-8", () => {
  expect(written((writer) => writer.byteString(0x0a, "\xe9\0"))).toBe("0a02e900");
  expect(written((writer) => writer.text(0x0a, "é"))).toBe("0a02c3a9");
  expect(written((writer) => writer.bytes(0x0a, Uint8Array.of(1, 2)))).toBe("0a020102");
});

test("a message in a message has the length of what was written since its mark", () => {
  expect(
    written((writer) => {
      writer.number(0x10, 1);
      const outer = writer.mark();
      const inner = writer.mark();
      writer.number(0x08, 300);
      writer.close(0x0a, inner);
      writer.close(0x12, outer);
    }),
  ).toBe("12050a0308ac021001");
});

test.each([10, 127, 128, 16_384, 40_000, 3_000_000])("%d bytes fit, and so does what is written around them", (length) => {
  const body = new Uint8Array(length).map((_, index) => index * 7);
  const message = writeMessage((writer) => {
    writer.number(0x10, 1);
    const outer = writer.mark();
    writer.bytes(0x0a, body);
    writer.byteString(0x0a, "in front");
    writer.close(0x1a, outer);
  });
  const expected = Buffer.concat([field(0x1a, Buffer.concat([field(0x0a, bytes("in front")), field(0x0a, body)])), Buffer.of(0x10, 1)]);
  expect(Buffer.compare(message, expected)).toBe(0);
});

test("a message is its own: the next one, or one that failed half-way, does not change it", () => {
  const first = writeMessage((writer) => writer.byteString(0x0a, "first"));
  expect(() =>
    writeMessage((writer) => {
      writer.byteString(0x0a, "half");
      writer.number(0x08, -1);
    }),
  ).toThrow(TypeError);
  const second = writeMessage((writer) => writer.byteString(0x0a, "other"));
  expect([hex(first), hex(second)]).toEqual([hex(bytes("\n\x05first")), hex(bytes("\n\x05other"))]);
});
