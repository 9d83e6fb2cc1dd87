import { describe, expect, test } from "vitest";
import { type CallHead, readCallHead } from "../../src/grpc/call-head.ts";
import type { HeaderField } from "../../src/grpc/hpack/field.ts";
import { Code } from "../../src/grpc/types.ts";

const field = (name: string, value: string): HeaderField => ({ name, value });
const GRPC = field("content-type", "application/grpc");

const read = (fields: readonly HeaderField[], method = "POST"): CallHead =>
  readCallHead({ method, path: "/a.B/C", contentLength: undefined, fields });
const readWith = (...fields: readonly HeaderField[]): CallHead => read([GRPC, ...fields]);

describe("what is no gRPC is told so in plain HTTP", () => {
  test.each(["GET", "PUT", "HEAD", "OPTIONS", "post"])("method %s: 405, whatever else it brings", (method) => {
    expect(read([GRPC], method)).toEqual({ kind: "http", status: 405 });
  });
  test.each(["application/json", "application/grpc-web", "application/grpc-web+proto", "application/grpcx", "text/application/grpc", ""])(
    "content-type %j: 415",
    (type) => {
      expect(read([field("content-type", type)])).toEqual({ kind: "http", status: 415 });
    },
  );
  test("no content-type: 415", () => {
    expect(read([])).toEqual({ kind: "http", status: 415 });
  });
});

test.each(["application/grpc", "application/grpc+proto", "application/grpc+json", "application/grpc;charset=utf-8", "Application/GRPC"])(
  "content-type %j is gRPC, for the path as it is",
  (type) => {
    expect(read([field("content-type", type)])).toMatchObject({ kind: "call", path: "/a.B/C", timeoutMs: undefined });
  },
);

describe("grpc-encoding", () => {
  test("identity, or none, is a call", () => {
    expect(readWith(field("grpc-encoding", "identity")).kind).toBe("call");
  });
  test.each(["gzip", "deflate", "snappy", "", "Identity"])("%j is UNIMPLEMENTED, and what is accepted is said", (encoding) => {
    expect(readWith(field("grpc-encoding", encoding))).toMatchObject({
      kind: "refused",
      status: { code: Code.unimplemented },
      fields: [field("grpc-accept-encoding", "identity")],
    });
  });
});

describe("grpc-timeout", () => {
  test.each([
    ["1H", 3_600_000],
    ["2M", 120_000],
    ["30S", 30_000],
    ["250m", 250],
    ["1500u", 2],
    ["1u", 1],
    ["1n", 1],
    ["99999999n", 100],
    ["00000001S", 1_000],
    ["0S", 1],
    ["99999999H", 2 ** 31 - 1],
  ])("%s is %i ms: whole ones, rounded up, one at least, no more than a timer takes", (text, timeoutMs) => {
    expect(readWith(field("grpc-timeout", text))).toMatchObject({ kind: "call", timeoutMs });
  });
  test.each(["", "S", "1", "1s", "-1S", "+1S", "1.5S", "1 S", " 1S", "100000000S", "1SS", "1S, 1S", "0x1S", "1d"])(
    "%j ends the call with INTERNAL, as gRPC's other servers do",
    (text) => {
      expect(readWith(field("grpc-timeout", text))).toMatchObject({ kind: "refused", status: { code: Code.internal }, fields: [] });
    },
  );
});

describe("metadata", () => {
  const get = (name: string, ...fields: readonly HeaderField[]): string | undefined => {
    const head = readWith(...fields);
    return head.kind === "call" ? head.call.metadata.get(name) : "(no call)";
  };
  test("a name that did not come is undefined; an empty value is one", () => {
    expect(get("x", field("y", "1"))).toBeUndefined();
    expect(get("x", field("x", ""))).toBe("");
  });
  test("repeated values are one list, in order", () => {
    expect(get("x", field("x", "1"), field("y", "2"), field("x", "3, 4"))).toBe("1, 3, 4");
  });
  test.each([
    ["padded", "AEH/gA==", "\0A\xff\x80"],
    ["not padded", "AEH/gA", "\0A\xff\x80"],
    ["several in one value: the first", "AEE=,AEI=", "\0A"],
    ["empty", "", ""],
    ["no base64: what there is of it, and no error", "!", ""],
  ])("binary values come decoded, as byte strings: %s", (_, value, expected) => {
    expect(get("key-bin", field("key-bin", value))).toBe(expected);
  });
  test("of binary values that came repeatedly the first is given", () => {
    expect(get("key-bin", field("key-bin", "AEE="), field("key-bin", "AEI="))).toBe("\0A");
  });
});
