import { describe, expect, test } from "vitest";
import { decodeProcessingRequest } from "../../src/wire/ext-proc.ts";
import { MalformedMessage } from "../../src/wire/malformed.ts";
import { field, requestBody, requestHeaders, responseHeaders, unhex } from "./messages.ts";

const attributesOf = (...parts: readonly Uint8Array[]) => decodeProcessingRequest(Buffer.concat(parts)).attributes;
const named = (attributes: Record<string, string | number>): Uint8Array => requestHeaders([], attributes);

describe("attributes", () => {
  test("are found by name, each as what it is", () => {
    const attributes = attributesOf(named({ "source.address": "192.0.2.1:99", "upstream.request_attempt_count": 3, "source.port": 99 }));
    expect(attributes?.text("source.address")).toBe("192.0.2.1:99");
    expect(attributes?.number("upstream.request_attempt_count")).toBe(3);
    expect(attributes?.text("upstream.request_attempt_count")).toBeUndefined();
    expect(attributes?.number("source.address")).toBeUndefined();
    expect(attributes?.text("source.addres")).toBeUndefined();
  });
  test("are none where there are none", () => {
    expect(attributesOf(responseHeaders([[":status", "200"]]))).toBeUndefined();
  });
  test("lie behind or before the phase's member, and with any phase", () => {
    const alone = field(0x4a, unhex("0a19656e766f792e66696c746572732e687474702e6578745f70726f6312080a060a01611201" + "20")); // a value that lacks its end
    expect(() => attributesOf(alone)?.text("a")).toThrow(MalformedMessage);
    expect(attributesOf(named({ a: "b" }), requestBody)?.text("a")).toBe("b");
    expect(attributesOf(requestBody, named({ a: "b" }))?.text("a")).toBe("b");
  });
  test("sent again replace those before them, whole", () => {
    const attributes = attributesOf(named({ a: "1", b: "1" }), named({ a: "2" }));
    expect(attributes?.text("a")).toBe("2");
    expect(attributes?.text("b")).toBeUndefined();
  });
  test("of another filter are not looked at", () => {
    const other = Buffer.from(named({ a: "b" }))
      .toString("latin1")
      .replace("filters.http", "filters.httq");
    expect(attributesOf(Buffer.from(other, "latin1"))?.text("a")).toBeUndefined();
  });
  test("that are no attributes harm nobody who does not ask", () => {
    const attributes = attributesOf(requestHeaders(), unhex("4a0212ff"));
    expect(() => attributes?.text("a")).toThrow(MalformedMessage);
    expect(() => attributes?.number("a")).toThrow(MalformedMessage);
  });
  test("keep every byte", () => {
    const all = Uint8Array.from({ length: 256 }, (_, index) => index);
    const text = Buffer.from(all).toString("latin1");
    expect(attributesOf(named({ a: text }))?.text("a")).toBe(text);
  });
});
