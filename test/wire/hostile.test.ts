import { describe, expect, test } from "vitest";
import { decodeProcessingRequest, type Phase } from "../../src/wire/ext-proc.ts";
import { MAX_LINES } from "../../src/wire/headers.ts";
import { MalformedMessage } from "../../src/wire/malformed.ts";
import { field, requestHeaders, unhex } from "./messages.ts";

describe("decoding looks at no byte twice, whatever the message is made of", () => {
  const MIB = 1024 * 1024;
  const endless = (digits: string): Uint8Array => Buffer.alloc(MIB, unhex(digits));
  const inHeaders = (content: Uint8Array): Uint8Array => field(0x12, field(0x0a, content));

  /** How many bytes are looked at; what is thrown or returned does not matter here. */
  function readsOf(message: Uint8Array): number {
    let reads = 0;
    const counted = new Proxy(message, {
      get(target, key) {
        if (typeof key === "string" && key < ":") reads++;
        return Reflect.get(target, key, target);
      },
    });
    try {
      decodeProcessingRequest(counted);
    } catch (cause) {
      expect(cause).toBeInstanceOf(MalformedMessage);
    }
    return reads;
  }

  test.each([
    ["groups in groups", endless("0b")],
    ["empty groups", endless("0b0c")],
    ["small unknown fields", endless("0800")],
    ["numbers that never end", endless("ff")],
    ["members, each replacing the one before", endless("12002200")],
    ["a member merged with itself", endless("120218001200")],
    ["empty header lines", inHeaders(endless("0a00"))],
    ["one long header line", inHeaders(field(0x0a, endless("1a00")))],
    ["lengths that reach far", endless("12feff3f0a")],
  ])("%s", (_, message) => {
    expect(readsOf(message)).toBeLessThanOrEqual(message.length);
  });
});

describe("a message in a larger buffer", () => {
  /** The first bytes of a message, with the rest of it right behind. */
  const cutAt = (message: Uint8Array, length: number): Uint8Array => new Uint8Array(message).subarray(0, length);

  test("ends where it ends, though what follows would complete it", () => {
    const message = requestHeaders([["x-customer-id", "acme"]]);
    for (let length = 1; length < message.length; length++) {
      expect(() => decodeProcessingRequest(cutAt(message, length)), `${length} bytes`).toThrow(MalformedMessage);
    }
  });
});

test("more header lines than anybody sends are refused, for they would take many times their bytes", () => {
  const lines = (count: number): Uint8Array => requestHeaders(Array.from({ length: count }, () => ["a", ""] as const));
  expect(namesOf(decodeProcessingRequest(lines(MAX_LINES)))).toHaveLength(MAX_LINES);
  expect(() => decodeProcessingRequest(lines(MAX_LINES + 1))).toThrow(MalformedMessage);
});

const namesOf = (phase: Phase): readonly string[] => ("headers" in phase ? phase.headers.names() : []);
