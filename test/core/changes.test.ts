import { describe, expect, test } from "vitest";
import { editsOf } from "../../src/core/changes.ts";
import { parseHeaderValue } from "../../src/core/parse/header-value.ts";
import type { HeaderChange } from "../../src/core/route-rules.ts";
import type { Scope } from "../../src/core/template.ts";
import { exchange } from "../support/exchange.ts";

function change(kind: HeaderChange["kind"], name: string, text = ""): HeaderChange {
  const parsed = parseHeaderValue(text);
  if ("why" in parsed) throw new Error(parsed.why);
  return { kind, name, value: parsed.value };
}

const scope = (customer: string): Scope => ({ exchange: exchange({ ":path": "/p" }, { customer }), version: "v" });
const edits = (changes: readonly HeaderChange[], customer = "acme"): unknown => editsOf(changes, scope(customer)).edits;

describe("header changes", () => {
  test("are edits in their order, with variables filled in", () => {
    const changes = [
      change("remove", "x-gone"),
      change("set", "x-a", "{customer}"),
      change("add", "x-b", "1"),
      change("add", "x-b", "{path}"),
    ];
    expect(edits(changes)).toEqual([
      { name: "x-gone", value: undefined },
      { name: "x-a", value: "acme" },
      { name: "x-b", value: "1", append: true },
      { name: "x-b", value: "/p", append: true },
    ]);
  });

  test("may set a header to nothing, which is not to remove it", () => {
    expect(edits([change("set", "x-a", "")])).toEqual([{ name: "x-a", value: "" }]);
  });

  test("without variables are the same objects each time, so that replies can be shared; with variables never", () => {
    for (const constant of [change("remove", "x-a"), change("set", "x-a", "1"), change("add", "x-a", "1"), change("set", "x-a", "")]) {
      const [first] = editsOf([constant], scope("a")).edits;
      expect(editsOf([constant], scope("b")).edits[0]).toBe(first);
    }
    const variable = change("set", "x-a", "{customer}");
    expect(edits([variable], "a")).toEqual([{ name: "x-a", value: "a" }]);
    expect(edits([variable], "b")).toEqual([{ name: "x-a", value: "b" }]);
  });
});

describe("a change that cannot be made", () => {
  const changes = [change("set", "x-before", "1"), change("set", "x-bad", "{customer}"), change("set", "x-after", "{path}")];

  test("is left out, and told; the others are made", () => {
    expect(editsOf(changes, scope("a\r\nx-evil: 1"))).toEqual({
      edits: [
        { name: "x-before", value: "1" },
        { name: "x-after", value: "/p" },
      ],
      misfit: "control character in a header",
    });
  });

  test("is one too many for Envoy: all variables of a message have 16 KiB together", () => {
    const twice = [change("set", "x-a", "{customer}"), change("set", "x-b", "{customer}")];
    expect(editsOf(twice, scope("x".repeat(8_192)))).toMatchObject({ edits: [{}, {}], misfit: undefined });
    expect(editsOf(twice, scope("x".repeat(8_193)))).toEqual({
      edits: [{ name: "x-a", value: "x".repeat(8_193) }],
      misfit: "header too long",
    });
  });

  test("is told by the first reason", () => {
    expect(
      editsOf([change("set", "x-a", "{customer}{customer}"), change("set", "x-b", "{customer}")], scope(`\n${"x".repeat(10_000)}`)).misfit,
    ).toBe("header too long");
  });
});
