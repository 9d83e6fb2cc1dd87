import { describe, expect, test } from "vitest";
import { HeaderBlock } from "../../../src/grpc/http2/header-block.ts";
import { ConnectionError, ErrorCode } from "../../../src/grpc/http2/protocol.ts";
import { STRICT } from "../../../src/grpc/limits.ts";

const open = (): HeaderBlock =>
  new HeaderBlock({ id: 1, endsStream: true, dependsOnItself: false }, { ...STRICT, continuations: 3, headerBlockBytes: 10 });
const add = (parts: readonly string[]): HeaderBlock => {
  const block = open();
  for (const part of parts) block.add(Buffer.from(part));
  return block;
};

describe("a header block in several frames", () => {
  test("is joined in order, empty parts and all", () => {
    expect(add(["ab", "", "c", "def"]).join().toString()).toBe("abcdef");
  });
  test("keeps copies, not the reads in which its parts came", () => {
    const block = open();
    const read = Buffer.from("..abc..");
    block.add(read.subarray(2, 5));
    read.fill("x");
    expect(block.join().toString()).toBe("abc");
  });
  test("may have as many frames and bytes as its limits say", () => {
    expect(add(["", "", "", ""]).join()).toHaveLength(0);
    expect(add(["12345", "67890"]).join()).toHaveLength(10);
  });
  test.each([
    ["a frame more", ["", "", "", "", ""]],
    ["a byte more", ["12345", "67890", "1"]],
    ["a byte more in the first frame", ["12345678901"]],
  ])("ends the connection with ENHANCE_YOUR_CALM for %s", (_, parts) => {
    expect(() => add(parts)).toThrow(ConnectionError);
    expect(() => add(parts)).toThrow(expect.objectContaining({ code: ErrorCode.enhanceYourCalm }));
  });
});
