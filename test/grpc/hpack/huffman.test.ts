import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeHuffman, huffmanBytes, writeHuffman } from "../../../src/grpc/hpack/huffman.ts";
import { HUFFMAN_CODES } from "../../../src/grpc/hpack/huffman-code.ts";
import type { Cursor } from "../../../src/grpc/hpack/integer.ts";
import { APPENDIX_B, type PrintedCode } from "./appendix-b.ts";
import { byteStrings } from "./arbitraries.ts";
import { hex } from "./bytes.ts";
import { huffman, toBits } from "./reference-encoder.ts";

const EOS = 256;
const decode = (encoded: Uint8Array): string => decodeHuffman(encoded, 0, encoded.length);
const printed = (symbol: number): PrintedCode => APPENDIX_B[symbol] ?? { code: 0, bits: 0 };

function encode(text: string): Uint8Array {
  const cursor: Cursor = { bytes: new Uint8Array(huffmanBytes(text)), at: 0 };
  writeHuffman(cursor, text);
  expect(cursor.at).toBe(cursor.bytes.length);
  return cursor.bytes;
}

/** Codes, and whatever bits are to follow them. */
function fromBits(bits: string): Uint8Array {
  expect(bits.length % 8).toBe(0);
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}

test("all codes are those that RFC 7541 prints", () => {
  expect(APPENDIX_B).toHaveLength(257);
  expect(HUFFMAN_CODES).toEqual(APPENDIX_B.map((code, symbol) => ({ symbol, ...code })));
});

test("every byte is decoded alone, after every other, and encoded as printed", () => {
  for (let one = 0; one < 256; one++) {
    expect(encode(String.fromCharCode(one))).toEqual(huffman(String.fromCharCode(one)));
    for (let other = 0; other < 256; other++) {
      const pair = String.fromCharCode(one, other);
      expect(decode(huffman(pair))).toBe(pair);
    }
  }
});

test("whatever is encoded is decoded to the same byte string", () => {
  fc.assert(
    fc.property(byteStrings(200), (text) => {
      const encoded = encode(text);
      expect(encoded).toEqual(huffman(text));
      expect(decode(encoded)).toBe(text);
    }),
  );
});

test("strings of many kilobytes come back whole", () => {
  for (const length of [2_047, 2_048, 2_049, 6_553, 6_554, 100_000]) {
    const text = "0".repeat(length); // the shortest code
    expect(decode(encode(text)) === text).toBe(true);
  }
});

test("only the bytes between start and end are read", () => {
  const encoded = Uint8Array.from([0xff, 0xff, ...huffman("www.example.com"), 0xff, 0xff]);
  expect(decodeHuffman(encoded, 2, encoded.length - 2)).toBe("www.example.com");
  expect(decodeHuffman(encoded, 5, 5)).toBe("");
});

test("decoded strings do not change when the next one is decoded", () => {
  const first = decode(huffman("first"));
  decode(huffman("other"));
  expect(first).toBe("first");
});

describe("refused", () => {
  const a = toBits(printed("a".charCodeAt(0)));
  test.each([
    { name: "EOS alone", bits: `${toBits(printed(EOS))}11`, fault: "huffman_eos" },
    { name: "EOS after a symbol", bits: `${a}${toBits(printed(EOS))}11111`, fault: "huffman_eos" },
    { name: "EOS before a symbol", bits: `${toBits(printed(EOS))}${a}11111`, fault: "huffman_eos" },
    { name: "a byte of padding", bits: "11111111", fault: "huffman_padding" },
    { name: "a byte of padding after whole codes", bits: `${a.repeat(8)}11111111`, fault: "huffman_padding" },
    {
      name: "eight bits of padding across bytes",
      bits: `${toBits(printed("?".charCodeAt(0)))}${"1".repeat(14)}`,
      fault: "huffman_padding",
    },
    { name: "padding of zeros", bits: `${a}000`, fault: "huffman_padding" },
    { name: "padding with its last bit zero", bits: `${a}110`, fault: "huffman_padding" },
    { name: "a long code cut off", bits: toBits(printed(0)).slice(0, 8), fault: "huffman_padding" },
  ])("as $fault: $name", ({ bits, fault }) => {
    expect(() => decode(fromBits(bits))).toThrow(expect.objectContaining({ name: "HpackError", fault }));
  });

  test("every padding but ones, whatever it follows", () => {
    fc.assert(
      fc.property(byteStrings(20), fc.nat(0xff), (text, noise) => {
        const bits = [...text].map((char) => toBits(printed(char.charCodeAt(0)))).join("");
        const missing = (8 - (bits.length % 8)) % 8;
        const padding = (noise & (2 ** missing - 1)).toString(2).padStart(missing, "0").slice(0, missing);
        fc.pre(missing > 0 && padding.includes("0") && missing < 5); // five bits may be a code
        expect(() => decode(fromBits(bits + padding))).toThrow(expect.objectContaining({ fault: "huffman_padding" }));
      }),
    );
  });
});

test("one to seven ones are padding", () => {
  // Codes of 5 to 8 bits, and pairs of them, leave every number of bits.
  for (const text of ["a", "?", "0", " ", ":", "&", "aa", "a ", "a:"]) expect(decode(huffman(text))).toBe(text);
  expect(decode(hex(""))).toBe("");
});

test("a char above 0xff is no byte, and is not encoded, nor taken for EOS", () => {
  for (const text of ["\u0100", "a\u0101", "\u2028"]) {
    expect(() => huffmanBytes(text)).toThrow(RangeError);
    expect(() => writeHuffman({ bytes: new Uint8Array(16), at: 0 }, text)).toThrow(RangeError);
  }
});
