import { describe, expect, test } from "vitest";
import type { Edit } from "../../src/core/output.ts";
import { fold } from "../../src/wire/fold.ts";

const set = (name: string, value: string): Edit => ({ name, value });
const add = (name: string, value: string): Edit => ({ name, value, append: true });
const remove = (name: string): Edit => ({ name, value: undefined });

describe("of two edits that name one header the later one counts", () => {
  test.each([
    { name: "set, set", edits: [set("x", "1"), set("x", "2")], folded: { removed: [], set: [set("x", "2")] } },
    { name: "set, remove", edits: [set("x", "1"), remove("x")], folded: { removed: ["x"], set: [] } },
    { name: "remove, set", edits: [remove("x"), set("x", "1")], folded: { removed: [], set: [set("x", "1")] } },
    { name: "append, set", edits: [add("x", "1"), set("x", "2")], folded: { removed: [], set: [set("x", "2")] } },
    { name: "append, remove", edits: [add("x", "1"), remove("x")], folded: { removed: ["x"], set: [] } },
    { name: "two names", edits: [set("x", "1"), set("y", "2")], folded: { removed: [], set: [set("x", "1"), set("y", "2")] } },
    { name: "none", edits: [], folded: { removed: [], set: [] } },
  ])("$name", ({ edits, folded }) => {
    expect(fold(edits)).toEqual(folded);
  });
});

describe("an append adds to what the edits before it left", () => {
  test.each([
    { name: "append, append", edits: [add("x", "1"), add("x", "2")], folded: { removed: [], set: [add("x", "1"), add("x", "2")] } },
    { name: "set, append", edits: [set("x", "1"), add("x", "2")], folded: { removed: [], set: [set("x", "1"), add("x", "2")] } },
    { name: "remove, append", edits: [remove("x"), add("x", "1")], folded: { removed: ["x"], set: [add("x", "1")] } },
  ])("$name", ({ edits, folded }) => {
    expect(fold(edits)).toEqual(folded);
  });
});

test.each(["", "X-Upper", "with blank", "new\nline", ":", "x:y", "naïve"])("the name %j is refused, set or removed", (name) => {
  expect(() => fold([set(name, "v")])).toThrow(TypeError);
  expect(() => fold([remove(name)])).toThrow(TypeError);
});

test.each(["a\rb", "a\nb", "a\0b", "a\x7fb", "a\x01b", "not a byte: \u0100"])("the value %j is refused", (value) => {
  expect(() => fold([set("x", value)])).toThrow(TypeError);
});

test.each(["", "\t", "caf\xe9", "\xff\x80", "plain words"])("the value %j passes", (value) => {
  expect(fold([set("x", value)]).set).toEqual([set("x", value)]);
});
