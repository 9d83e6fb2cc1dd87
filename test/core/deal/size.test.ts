import { describe, expect, test } from "vitest";
import { formatSize, parseSize, shardSize } from "../../../src/core/deal/size.ts";
import { toSize, vectors } from "./vectors.ts";

describe("a size is read as operators write it", () => {
  test.each([
    [2, { kind: "count", count: 2 }],
    ["1", { kind: "count", count: 1 }],
    ["65536", { kind: "count", count: 65_536 }],
    ["10%", { kind: "percent", basisPoints: 1000 }],
    ["2.5%", { kind: "percent", basisPoints: 250 }],
    ["33.33%", { kind: "percent", basisPoints: 3333 }],
    ["0.07%", { kind: "percent", basisPoints: 7 }],
    ["0.01%", { kind: "percent", basisPoints: 1 }],
    ["100%", { kind: "percent", basisPoints: 10_000 }],
    ["100.00%", { kind: "percent", basisPoints: 10_000 }],
  ])("%j", (text, size) => expect(parseSize(text)).toEqual(size));
});

describe("what is not a size is refused, never rounded or cut", () => {
  const numbers = [0, -1, 2.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53];
  const counts = ["", "0", "-1", "+2", "02", "2.0", "1e3", "0x10", " 2", "2 ", "2\n", "two", "9007199254740992"];
  const percents = ["%", "0%", "0.00%", "0.001%", "100.01%", "101%", "1000%", "-5%", "+5%", "05%", ".5%", "5.%", "5 %", "5%%", "1,5%"];
  test.each([...numbers, ...counts, ...percents])("%j", (text) => expect(parseSize(text)).toBeUndefined());
});

test("every percentage is written so that it reads back as the same", () => {
  for (let basisPoints = 1; basisPoints <= 10_000; basisPoints++) {
    expect(parseSize(formatSize({ kind: "percent", basisPoints }))).toEqual({ kind: "percent", basisPoints });
  }
});

test("a size is written as short as an operator would", () => {
  expect(formatSize({ kind: "count", count: 12 })).toBe("12");
  expect(formatSize({ kind: "percent", basisPoints: 250 })).toBe("2.5%");
  expect(formatSize({ kind: "percent", basisPoints: 1000 })).toBe("10%");
});

describe("a shard's size follows the golden vectors", () => {
  test.each(vectors.sizes)("$k of $n", ({ k, n, size }) => expect(shardSize(toSize(k), n)).toBe(size));
});

test("a pool without targets has shards of none", () => {
  expect(shardSize({ kind: "count", count: 2 }, 0)).toBe(0);
  expect(shardSize({ kind: "percent", basisPoints: 1000 }, 0)).toBe(0);
});
