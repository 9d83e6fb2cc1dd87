import { describe, expect, test } from "vitest";
import type { HeaderField } from "../../../src/grpc/hpack/field.ts";
import { isTrailers, readRequestHead } from "../../../src/grpc/http2/request.ts";

/** `name: value` lines; the name ends at the last colon that a blank follows. */
const fields = (...lines: readonly string[]): readonly HeaderField[] =>
  lines.map((line) => ({ name: line.slice(0, line.indexOf(": ", 1)), value: line.slice(line.indexOf(": ", 1) + 2) }));
const PSEUDO = [":method: POST", ":scheme: http", ":path: /a.B/C", ":authority: test"];
const read = (...more: readonly string[]) => readRequestHead(fields(...PSEUDO, ...more));

describe("a request's head", () => {
  test("is read with its regular fields in order, repeated ones too", () => {
    expect(read("te: trailers", "x: 1", "y: ", "x: 2")).toEqual({
      method: "POST",
      path: "/a.B/C",
      contentLength: undefined,
      fields: fields("te: trailers", "x: 1", "y: ", "x: 2"),
    });
  });
  test("needs no authority, and its pseudo-header fields come in any order", () => {
    expect(readRequestHead(fields(":path: /", ":scheme: https", ":method: GET"))).toMatchObject({ method: "GET", path: "/" });
  });
  test.each([
    ["zero", ["content-length: 0"], 0],
    ["a number", ["content-length: 12"], 12],
    ["leading zeros", ["content-length: 0012"], 12],
    ["the same twice", ["content-length: 12", "content-length: 12"], 12],
    ["the largest there is", ["content-length: 999999999999999"], 999_999_999_999_999],
  ])("has the content-length it announces: %s", (_, lines, contentLength) => {
    expect(read(...lines)?.contentLength).toBe(contentLength);
  });
  test.each([
    ["every printable char of a name but capitals and the colon", "!\"#$%&'()*+,-./09;<=>?@[\\]^_`az{|}~: x"],
    ["a value with spaces, tabs and bytes above ASCII inside", "x: a \t\x01\x7f\xff b"],
    ["te: trailers", "te: trailers"],
    ["a name that begins like a connection's", "connections: x"],
  ])("may have %s", (_, line) => {
    expect(read(line)).toBeDefined();
  });
});

describe("a request is malformed", () => {
  const without = (name: string): readonly string[] => PSEUDO.filter((line) => !line.startsWith(name));
  test.each<[string, readonly string[]]>([
    ["without :method", without(":method")],
    ["without :scheme", without(":scheme")],
    ["without :path", without(":path")],
    ["with an empty :method", [":method: ", ...without(":method")]],
    ["with an empty :scheme", [":scheme: ", ...without(":scheme")]],
    ["with an empty :path", [":path: ", ...without(":path")]],
    ["with :method twice", [...PSEUDO, ":method: POST"]],
    ["with :path twice, the same", [...PSEUDO, ":path: /a.B/C"]],
    ["with :authority twice", [...PSEUDO, ":authority: test"]],
    ["with a response's :status", [...PSEUDO, ":status: 200"]],
    ["with an unknown pseudo-header field", [...PSEUDO, ":protocol: websocket"]],
    ["with a pseudo-header field in capitals", [...without(":method"), ":Method: POST"]],
    ["with a pseudo-header field after a regular one", [...without(":path"), "x: 1", ":path: /"]],
    ["with a lone colon for a name", [...PSEUDO, ":: x"]],
    ["with LF in :path", [...without(":path"), ":path: /a\nb"]],
    ["with a blank behind :path", [...without(":path"), ":path: /a "]],
  ])("%s (RFC 9113 §8.3)", (_, lines) => {
    expect(readRequestHead(fields(...lines))).toBeUndefined();
  });
  test("with nothing in it", () => {
    expect(readRequestHead([])).toBeUndefined();
  });
  test.each([
    ...["connection: close", "keep-alive: timeout=5", "proxy-connection: keep-alive", "transfer-encoding: chunked", "upgrade: h2c"],
    ...["te: gzip", "te: trailers, gzip", "te: "],
  ])("with what speaks of one connection: %s (RFC 9113 §8.2.2)", (line) => {
    expect(read(line)).toBeUndefined();
    expect(isTrailers(fields(line))).toBe(false);
  });
  test.each([
    ["a capital", { name: "X-customer", value: "x" }],
    ["the last capital", { name: "xZ", value: "x" }],
    ["nothing", { name: "", value: "x" }],
    ["a space", { name: "x y", value: "x" }],
    ["a control", { name: "x\x1f", value: "x" }],
    ["DEL", { name: "x\x7f", value: "x" }],
    ["a byte above ASCII", { name: "x\xe9", value: "x" }],
    ["a colon", { name: "x:y", value: "x" }],
  ])("with %s in a name (RFC 9113 §8.2.1)", (_, field) => {
    expect(readRequestHead([...fields(...PSEUDO), field])).toBeUndefined();
    expect(isTrailers([field])).toBe(false);
  });
  test.each([
    ["NUL", "a\0b"],
    ["LF", "a\nb"],
    ["CR", "a\rb"],
    ["LF at its end", "a\n"],
    ["a space before", " a"],
    ["a tab before", "\ta"],
    ["a space behind", "a "],
    ["a tab behind", "a\t"],
    ["nothing but a space", " "],
  ])("with %s in a value (RFC 9113 §8.2.1)", (_, value) => {
    expect(readRequestHead([...fields(...PSEUDO), { name: "x", value }])).toBeUndefined();
    expect(isTrailers([{ name: "x", value }])).toBe(false);
  });
  test.each([
    ...[["content-length: "], ["content-length: -1"], ["content-length: 1.5"], ["content-length: 0x10"], ["content-length: 1e3"]],
    ...[["content-length: 1, 1"], ["content-length: 1000000000000000"], ["content-length: 1", "content-length: 2"]],
    ...[["content-length: 1", "content-length: x"], ["content-length: +1"]],
  ])("with a content-length that is no one number: %s", (...lines) => {
    expect(read(...lines)).toBeUndefined();
  });
});

describe("trailers", () => {
  test("are any regular fields, or none", () => {
    expect(isTrailers([])).toBe(true);
    expect(isTrailers(fields("x-checksum: 0123", "x: "))).toBe(true);
  });
  test("have no pseudo-header fields", () => {
    expect(isTrailers(fields("x: 1", ":path: /"))).toBe(false);
    expect(isTrailers(fields(":status: 200"))).toBe(false);
  });
});
