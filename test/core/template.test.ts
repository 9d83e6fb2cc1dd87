import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Known } from "../../src/core/exchange.ts";
import { parseHeaderValue } from "../../src/core/parse/header-value.ts";
import type { Route, Template } from "../../src/core/route-rules.ts";
import { fill, mentions, type Scope, variableOf } from "../../src/core/template.ts";
import { exchange } from "../support/exchange.ts";
import { matchOf, routeOf } from "../support/route.ts";

function templateOf(text: string): Template {
  const parsed = parseHeaderValue(text);
  if ("why" in parsed) throw new Error(parsed.why);
  return parsed.value;
}

const match = matchOf({ kind: "template", template: "/users/{id}/{rest=**}" });
const scope = (path: string, known: Known = {}, more: Record<string, string> = {}): Scope => ({
  exchange: exchange(
    { ":path": path, ":authority": "Api.Example.com:8080", ...more },
    { route: routeOf({ name: "users", match }), ...known },
  ),
  version: "0123456789abcdef",
});

const text = (written: string, of: Scope, maxBytes = 1_000): unknown => {
  const filled = fill(templateOf(written), of, maxBytes);
  return "text" in filled ? filled.text : filled;
};

const to = (target: Route["target"]): Known => ({ route: routeOf({ name: "r", match: matchOf({ kind: "prefix", prefix: "/" }), target }) });
const cluster = (name: string) => ({ kind: "cluster", cluster: name, output: {} }) as const;

describe("a variable stands for", () => {
  const picked = { pool: { name: "p" }, order: [{ id: "t1" }, { id: "t2" }], isSpilled: false } as unknown as Known["picked"];
  test.each<[string, string, string, Known]>([
    ["the customer, byte for byte", "{customer}", "caf\xe9", { customer: "caf\xe9" }],
    ["the host, without its port and in lower case, as a discovery has it", "{host}", "api.example.com", {}],
    ["the path without its query", "{path}", "/users/7/a/b", {}],
    ["the pool", "{pool}", "p", { picked }],
    ["the region", "{region}", "eu", { region: "eu" }],
    ["the route", "{route}", "users", {}],
    ["the target that serves", "{target}", "t1", { picked }],
    ["the cluster that serves", "{target}", "c", to(cluster("c"))],
    [
      "the cluster that a split leads to",
      "{target}",
      "b",
      to({
        kind: "split",
        parts: [
          { weight: 0, to: cluster("a") },
          { weight: 1, to: cluster("b") },
        ],
      }),
    ],
    ["the cluster that the client asked for", "{target}", "c", to({ kind: "header", header: "x-where", allowed: new Map() })],
    ["the version", "{version}", "0123456789abcdef", {}],
    ["a segment of the path", "{id}", "7", {}],
    ["the rest of the path", "{rest}", "a/b", {}],
    ["nothing, where it has no value", "[{customer}{pool}{region}{target}]", "[]", {}],
    ["itself among other text, with plain braces", "a {id} {{{id}}} é", "a 7 {7} Ã©", {}],
  ])("%s", (_, written, expected, known) => {
    expect(text(written, scope("/users/7/a/b?id=8#x", known, { "x-where": "c" }))).toBe(expected);
  });

  test("bytes of the path as they were sent: nothing is decoded", () => {
    expect(text("{id} {rest}", scope("/users/%41%2f/a%20b"))).toBe("%41%2f a%20b");
  });

  test("nothing where the path is not the template's, or there is none", () => {
    expect(text("[{id}]", scope("/other"))).toBe("[]");
    expect(variableOf("id", exchange({}, { route: routeOf({ match }) }))).toBeUndefined();
    expect(variableOf("id", exchange({ ":path": "/users/7/a" }, { route: routeOf() }))).toBeUndefined();
    expect(variableOf("nope", scope("/users/7/a").exchange)).toBeUndefined();
    expect(variableOf("id", exchange({ ":path": "/users/7/a" }))).toBeUndefined();
  });

  test("no variable's name: what a client sends is never read as a template", () => {
    expect(text("{customer}", scope("/users/7/a", { customer: "{id}{{{path}" }))).toBe("{id}{{{path}");
  });
});

describe("a text is a misfit", () => {
  test.each([..."\0\x01\x08\n\v\r\x1b\x1f\x7f"].map((char) => [JSON.stringify(char), char]))(
    "with the control character %s in a variable",
    (_, char) => {
      expect(text("a{customer}b", scope("/", { customer: `x${char}y` }))).toEqual({ misfit: "control character in a header" });
    },
  );

  test("and no other is: TAB and every byte above may stand in a header", () => {
    for (const byte of [9, ...Array.from({ length: 95 }, (_, i) => 32 + i), ...Array.from({ length: 128 }, (_, i) => 128 + i)]) {
      const customer = `a${String.fromCharCode(byte)}b`;
      expect(text("{customer}", scope("/", { customer }))).toBe(customer);
    }
  });

  test("beyond the length that is asked for, and not at it", () => {
    const of = scope(`/users/7/${"x".repeat(91)}`); // 100 bytes
    expect(text("{path}", of, 100)).toHaveLength(100);
    expect(text("{path}", of, 99)).toEqual({ misfit: "header too long" });
    expect(text("a{path}", of, 100)).toEqual({ misfit: "header too long" });
  });

  test("before it takes much memory: a thousand long paths are not put together", () => {
    const of = scope(`/users/7/${"x".repeat(60_000)}`);
    const parts = Array.from({ length: 100_000 }, () => ({ variable: "path" }));
    expect(fill({ parts }, of, 16_384)).toEqual({ misfit: "header too long" });
  });

  test("or fits into a header, whatever the client sends", () => {
    const bytes = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)), maxLength: 60 });
    fc.assert(
      fc.property(bytes, bytes, bytes, (path, host, customer) => {
        const of = scope(path, { customer }, { ":authority": host });
        const filled = fill(templateOf("{id}|{path}|{host}|{customer}|{rest}"), of, 100);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not come through
        if ("text" in filled) expect(filled.text).toMatch(/^[^\x00-\x08\x0a-\x1f\x7f]{4,100}$/s);
      }),
    );
  });
});

test("a template mentions the variables it has, and no text that looks like one", () => {
  expect(mentions(templateOf("a{id}"), "id")).toBe(true);
  expect(mentions(templateOf("a{{id}}"), "id")).toBe(false);
  expect(mentions(templateOf("{idx}"), "id")).toBe(false);
});
