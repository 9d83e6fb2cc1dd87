import { expect, test } from "vitest";
import { parseOptions, UsageError } from "../../bench/options.ts";

test("quick changes what is not given otherwise", () => {
  expect(parseOptions(["--quick", "--seconds", "2"])).toMatchObject({ rounds: 1, seconds: 2 });
  expect(parseOptions([])?.rounds).toBeGreaterThan(1);
});

test("rows keep the table's order", () => {
  expect(parseOptions(["--rows", "go,own"])?.rows).toEqual(["own", "go"]);
});

test("help asks for nothing else", () => {
  expect(parseOptions(["--help"])).toBeUndefined();
});

test.each([
  { args: ["--rows", "own,rust"], says: /no row "rust"; there are none, lua/ },
  { args: ["--rounds", "1.5"], says: /--rounds 1.5: must be a whole number from 1 to 100/ },
  { args: ["--seconds", "soon"], says: /--seconds soon: must be a number/ },
  { args: ["--seconds", "0"], says: /--seconds 0/ },
  { args: ["--fast"], says: /--fast/ },
])("$args is refused with what is wrong", ({ args, says }) => {
  expect(() => parseOptions(args)).toThrow(UsageError);
  expect(() => parseOptions(args)).toThrow(says);
});
