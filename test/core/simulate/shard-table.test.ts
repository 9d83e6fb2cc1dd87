import { expect, test } from "vitest";
import { ShardTable } from "../../../src/core/simulate/shard-table.ts";

test("300,000 distinct shards are told apart, where half the word would mistake some for others", () => {
  const table = new ShardTable(1000, 300_000);
  let added = 0;
  for (let a = 0; a < 1000 && added < 300_000; a++) for (let b = a + 1; b < 1000 && added < 300_000; b++, added++) table.add([a, b]);
  expect(table).toMatchObject({ used: 300_000, largest: 1, samePairs: 0 });
});

test("a shard is a set: its order does not count; equal ones are counted as pairs", () => {
  const table = new ShardTable(5, 3);
  for (const shard of [[0, 1], [1, 0], [0, 1], [2, 3], [3, 2], [4]]) table.add(shard);
  expect(table).toMatchObject({ used: 3, largest: 3, samePairs: 3 + 1 });
});
