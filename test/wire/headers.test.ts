import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createHeaders, type Headers } from "../../src/core/exchange.ts";
import { createStripTest } from "../../src/core/strip-list.ts";
import { decodeProcessingRequest } from "../../src/wire/ext-proc.ts";
import { type Lines, requestHeaders } from "./messages.ts";

const lines: Lines = [
  [":path", "/"],
  ["x-customer-id", "acme"],
  ["x-customer-i", "a part of the name"],
  ["x-customer-idd", "more than the name"],
  ["x-empty", ""],
  ["x-customer-id", "caf\xe9"],
  ["", "nameless"],
];

function inMessage(these: Lines): Headers {
  const phase = decodeProcessingRequest(requestHeaders(these));
  if (phase.kind !== "request_headers") throw new Error(phase.kind);
  return phase.headers;
}

describe.each([
  { form: "in a message", headers: inMessage(lines) },
  { form: "in a list", headers: createHeaders(lines) },
])("headers $form", ({ headers }) => {
  test("are found by their whole name", () => {
    expect(headers.get("x-customer-id")).toBe("acme");
    expect(headers.all("x-customer-id")).toEqual(["acme", "caf\xe9"]);
    expect(headers.get("x-customer")).toBeUndefined();
    expect(headers.all("y-customer-id")).toEqual([]);
    expect(headers.get("x-empty")).toBe("");
    expect(headers.get("")).toBe("nameless");
  });
  test("show every name, or those that pass a test, as often as they came", () => {
    expect(headers.names()).toEqual(lines.map(([name]) => name));
    expect(headers.names((name) => name.charCodeAt(2) === 0x63)).toEqual([
      "x-customer-id",
      "x-customer-i",
      "x-customer-idd",
      "x-customer-id",
    ]);
    expect(headers.names((name) => name.length === 0)).toEqual([""]);
    expect(headers.names(() => false)).toEqual([]);
  });
  test("show a test every char of a name, and none beyond it", () => {
    const seen: number[][] = [];
    headers.names((name) => seen.push(Array.from({ length: name.length + 1 }, (_, index) => name.charCodeAt(index))) > 0);
    expect(seen).toEqual(lines.map(([name]) => [...Buffer.from(name, "latin1"), Number.NaN]));
  });
});

describe("names in capitals", () => {
  const headers = inMessage([
    ["X-Customer-ID", "acme"],
    ["X-\xc9", "upper"],
    ["x-\xe9", "lower"],
    ["x@[`{", "beside the letters"],
  ]);

  test("are found and shown in lower case", () => {
    expect(headers.get("x-customer-id")).toBe("acme");
    expect(headers.names()[0]).toBe("x-customer-id");
  });
  test("come to a test as they came", () => {
    expect(headers.names((name) => name.charCodeAt(0) === 0x58)).toEqual(["x-customer-id", "x-\xc9"]);
  });
  test("are letters of ASCII alone", () => {
    expect([headers.get("x-\xc9"), headers.get("x-\xe9"), headers.get("x@[`{"), headers.get("x`[`{")]).toEqual([
      "upper",
      "lower",
      "beside the letters",
      undefined,
    ]);
  });
});

test("a message may be any Uint8Array, and a part of one", () => {
  const message = requestHeaders([["a", "1"]]);
  const padded = new Uint8Array(message.length + 10);
  padded.set(message, 5);
  const phase = decodeProcessingRequest(padded.subarray(5, -5));
  expect("headers" in phase && phase.headers.get("a")).toBe("1");
});

test("a control header is known in a message as it is in a list, in any disguise", () => {
  const list = { names: ["x-target-cluster", "region"], prefixes: ["x-riffle-"], lookalikesOf: ["x-tenant"] };
  const isControl = createStripTest(list);
  const written = fc.constantFrom("x-target-cluster", "region", "x-riffle-a", "x-riffle", "x-tenant", "x-target", "regions", "x", "");
  const disguised = fc
    .tuple(written, fc.func(fc.integer({ min: 0, max: 2 })))
    .map(([name, roll]) =>
      [...name].map((char, index) => [char, char.toUpperCase(), char.replace("-", "_")][roll(index)] ?? char).join(""),
    );
  fc.assert(
    fc.property(fc.array(disguised), (names) => {
      const these = names.map((name) => [name, "evil"] as const);
      const lowered = names.filter(isControl).map((name) => name.toLowerCase());
      expect(inMessage(these).names(isControl)).toEqual(lowered);
    }),
  );
});
