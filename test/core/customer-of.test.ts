import { expect, test } from "vitest";
import { customerOf } from "../../src/core/customer-of.ts";
import { exchange } from "../support/exchange.ts";

const from = [{ header: "x-customer-id" }, { header: "x-tenant" }];

test.each<[string, readonly (readonly [string, string])[], string | undefined]>([
  [
    "the first source that has one",
    [
      ["x-tenant", "b"],
      ["x-customer-id", "a"],
    ],
    "a",
  ],
  ["the next where the first has none", [["x-tenant", "b"]], "b"],
  [
    "the next where the first is empty",
    [
      ["x-customer-id", ""],
      ["x-tenant", "b"],
    ],
    "b",
  ],
  [
    "the next where the first is repeated",
    [
      ["x-customer-id", "a"],
      ["x-customer-id", "a"],
      ["x-tenant", "b"],
    ],
    "b",
  ],
  [
    "the next where the first has the reserved name",
    [
      ["x-customer-id", "anonymous"],
      ["x-tenant", "b"],
    ],
    "b",
  ],
  [
    "the next where the first is too long",
    [
      ["x-customer-id", "a".repeat(257)],
      ["x-tenant", "b"],
    ],
    "b",
  ],
  ["the longest there may be", [["x-customer-id", "a".repeat(256)]], "a".repeat(256)],
  ["bytes as they are", [["x-customer-id", "\xff\xc3\xa9"]], "\xff\xc3\xa9"],
  ["nobody's where no source has one", [], undefined],
])("a request is %s", (_, lines, expected) => {
  expect(customerOf(exchange(lines).headers, { from })).toBe(expected);
});
