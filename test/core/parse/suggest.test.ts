import { expect, test } from "vitest";
import { suggest } from "../../../src/core/parse/suggest.ts";

test.each([
  ["sise", ["zones", "size", "salt"], 'did you mean "size"?'],
  ["targtes", ["target", "targets"], 'did you mean "targets"?'],
  ["backend", ["backends", "frontends"], 'did you mean "backends"?'],
  ["pols", ["pool", "pools"], 'did you mean "pools"?'],
  ["xyz", ["size", "salt"], 'known: "size", "salt"'],
  ["", ["size"], 'known: "size"'],
  ["x", [], "none is defined"],
])("for %j of %j: %s", (name, known, remedy) => expect(suggest(name, known)).toBe(remedy));

test("a long list is cut", () => {
  const known = Array.from({ length: 12 }, (_, i) => `name-${i}`);
  expect(suggest("other", known)).toMatch(/^known: "name-0", .*"name-9", …$/);
});

test("a name is shown on one line, whatever it holds", () => {
  expect(suggest("x", ["a\nb\u202e\u0085"])).toBe('known: "a\\nb\\u202e\\u0085"');
});
