import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HpackDecoder } from "../../src/grpc/hpack/decoder.ts";
import { DEFAULT_FRAME_BYTES } from "../../src/grpc/http2/protocol.ts";
import { readRequestHead } from "../../src/grpc/http2/request.ts";
import { encodeHttpHeaders, encodeTrailers, encodeTrailersOnly, REPLY_HEADERS } from "../../src/grpc/replies.ts";
import { Code } from "../../src/grpc/types.ts";

const decode = (block: Uint8Array): Readonly<Record<string, string>> => {
  const { fields } = new HpackDecoder({ maxTableBytes: 0, maxListBytes: 65_536 }).decode(block); // no table: a block for every connection
  return Object.fromEntries(fields.map(({ name, value }) => [name, value]));
};
const messageOf = (message: string): string | undefined => decode(encodeTrailers({ code: Code.internal, message }))["grpc-message"];

test("a reply opens with 200 and gRPC's type, and ends well with its status alone", () => {
  expect(decode(REPLY_HEADERS)).toEqual({ ":status": "200", "content-type": "application/grpc" });
  expect(decode(encodeTrailers({ code: Code.ok, message: "not said" }))).toEqual({ "grpc-status": "0" });
});
test("a reply without messages is one block: opening, what is said besides, status", () => {
  const block = encodeTrailersOnly({ code: Code.unimplemented, message: "no" }, [{ name: "grpc-accept-encoding", value: "identity" }]);
  expect(Object.entries(decode(block))).toEqual([
    [":status", "200"],
    ["content-type", "application/grpc"],
    ["grpc-accept-encoding", "identity"],
    ["grpc-status", "12"],
    ["grpc-message", "no"],
  ]);
  expect(decode(encodeTrailersOnly({ code: Code.ok, message: "" }))).toMatchObject({ "grpc-status": "0" });
});
test("a status without a message says none", () => {
  expect(decode(encodeTrailers({ code: Code.unavailable, message: "" }))).toEqual({ "grpc-status": "14" });
});
test("what does not speak gRPC gets its HTTP status, in plain text", () => {
  expect(decode(encodeHttpHeaders(415))).toEqual({ ":status": "415", "content-type": "text/plain" });
});

describe("grpc-message", () => {
  test.each([
    ["plain ASCII", "no such thing: {a, b} ~", "no such thing: {a, b} ~"],
    ["a percent sign", "100 %", "100 %25"],
    ["UTF-8", "café 顧", "caf%C3%A9 %E9%A1%A7"],
    ["an emoji", "😀", "%F0%9F%98%80"],
    ["controls", "a\r\nb\0\x7f", "a%0D%0Ab%00%7F"],
    ["spaces at its ends, which no field may have", " a  b ", "%20a  b%20"],
    ["a space alone", " ", "%20"],
    ["a tab", "\ta", "%09a"],
    ["a lone surrogate", "a\ud83d", "a%EF%BF%BD"],
  ])("percent-encodes what gRPC asks for: %s", (_, message, expected) => {
    expect(messageOf(message)).toBe(expected);
  });
  test("is cut after 1,024 chars, no char in two, so that trailers fit a frame", () => {
    expect(messageOf("x".repeat(2_000))).toBe("x".repeat(1_024));
    expect(messageOf(`${"x".repeat(1_023)}😀`)).toBe(`${"x".repeat(1_023)}%EF%BF%BD`);
    expect(encodeTrailers({ code: Code.internal, message: "\uffff".repeat(2_000) }).length).toBeLessThan(DEFAULT_FRAME_BYTES);
  });
  test("of any text is a value that HTTP/2 allows, and decodes to that text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 100 }), (text) => {
        fc.pre(text !== "");
        const encoded = messageOf(text) ?? "";
        expect(decodeURIComponent(encoded)).toBe(text);
        const pseudo = [":method", ":scheme", ":path"].map((name) => ({ name, value: "x" }));
        expect(readRequestHead([...pseudo, { name: "x", value: encoded }])).toBeDefined();
      }),
    );
  });
});
