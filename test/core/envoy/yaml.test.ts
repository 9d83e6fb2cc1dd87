import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { address, quote, seconds, yaml } from "../../../src/core/envoy/yaml.ts";
import { isIp } from "../../../src/core/parse/address.ts";

/** What YAML gives a meaning, or JSON leaves bare, is in most of them. */
const special = [...":#'\"{}[],&*!|>%@`\\ \n\r\t\0\x7f\x85\u2028\ufeffé😀-?~.0123eab/_"];
const anyText = fc.oneof(
  fc.string({ unit: fc.constantFrom(...special) }),
  fc.constantFrom("yes", "NO", "~", "null", "1e3", "0x1f", "- a", ".inf", "=", "<<"),
);

describe("quote", () => {
  test("whatever the text, it reads as that text, in block and in flow, as YAML 1.1 and 1.2", () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom("1.1", "1.2"), (text, version) => {
        expect(parse(`a: ${quote(text)}\nb: [{ c: ${quote(text)} }]`, { version })).toEqual({ a: text, b: [{ c: text }] });
      }),
    );
  });

  test("no text leaves its line, not even in a comment", () => {
    fc.assert(fc.property(anyText, (text) => !/[\n\r\x85\u2028\u2029]/.test(quote(text))));
  });

  test.each(["backend_0", "10.0.0.1", "/run/riffle.sock", "x-target-cluster"])("%s needs no quotes", (text) => {
    expect(quote(text)).toBe(text);
  });
});

describe("yaml", () => {
  test("a value of several lines keeps the column of its line, and an empty one takes its line along", () => {
    const text = yaml`
      a:
        ${"- 1\n\n- 2"}
      ${""}
      b: ${"3"}

      c: "${""}"
    `;
    expect(text).toBe('a:\n  - 1\n\n  - 2\nb: 3\n\nc: ""');
  });
});

test.each([
  ["127.0.0.1", true],
  ["255.255.255.255", true],
  ["::1", true],
  ["fe80::1", true],
  ["256.0.0.1", false],
  ["1.2.3", false],
  ["1.2.3.4.", false],
  ["1.2.3.4.5", false],
  ["localhost", false],
  ["10.0.0.1.example.com", false],
])("%s needs no DNS: %s", (host, expected) => {
  expect(isIp(host)).toBe(expected);
});

test("durations are in seconds, as Envoy reads them", () => {
  expect([1, 500, 2000].map(seconds)).toEqual(["0.001s", "0.5s", "2s"]);
});

test("a socket's path is a pipe, an IPv6 address has no brackets", () => {
  expect(address({ kind: "unix", path: "/tmp/a b" })).toBe('{ pipe: { path: "/tmp/a b" } }');
  expect(address({ kind: "tcp", host: "::1", port: 1 })).toBe('{ socket_address: { address: "::1", port_value: 1 } }');
});
