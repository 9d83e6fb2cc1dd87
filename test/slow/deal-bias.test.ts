import { expect, test } from "vitest";
import { Dealer } from "../../src/core/deal/deal.ts";
import { plain, pool } from "../core/deal/dealing.ts";
import { measureFairness } from "../core/deal/statistics.ts";

// A bias too slight for 12,000 customers: chi-square grows with their number, and the limits do not.
test("no target and no pair is favoured among 1,500,000 customers, 28 targets, shards of three", () => {
  const dealer = new Dealer(pool(28), plain(3));
  const fair = measureFairness((i) => dealer.deal(`tenant-${i}`), { n: 28, k: 3, customers: 1_500_000 });
  expect(fair.inclusion).toBeLessThan(63.4);
  expect(fair.pairs).toBeLessThan(500);
});
