import { Dealer, type DealRules } from "../../src/core/deal/deal.ts";
import { DealCache } from "../../src/core/deal/deal-cache.ts";
import { type Case, caseOver } from "./case.ts";

const BUDGET_NS = 300;

/** Shards already dealt. What it takes must hardly depend on how many customers and targets there are. */
export const dealCacheCases = (): readonly Case[] => [
  cachedCase("deal cached, 5 of 100, 10 customers", { n: 100, customers: 10 }, BUDGET_NS),
  cachedCase("deal cached, 5 of 10, 100,000 customers", { n: 10, customers: 100_000 }, BUDGET_NS),
  cachedCase("deal cached, 5 of 100, 100,000 customers", { n: 100, customers: 100_000 }, BUDGET_NS),
  cachedCase("deal cached, 5 of 10,000, 100,000 customers", { n: 10_000, customers: 100_000 }, BUDGET_NS),
  cachedCase("deal cached, 5 of 100, 1,000,000 customers", { n: 100, customers: 1_000_000 }),
  judgedCase("deal unchanged by a target that came, 5 of 100"),
];

const RULES: DealRules = { size: { kind: "count", count: 5 }, zones: "min", minZones: undefined, salt: "a-salt-for-the-bench-alone" };

/** Every customer has been dealt a shard; they ask for them in an order that no processor foresees. */
function cachedCase(name: string, { n, customers }: { readonly n: number; readonly customers: number }, budgetNs?: number): Case {
  return lazily(name, budgetNs, () => {
    const dealer = new Dealer(targets(n), RULES);
    const cache = new DealCache(2 * customers);
    const names = Array.from({ length: customers }, (_, index) => `customer-${index}`);
    for (const customer of names) cache.shardOf(dealer, customer);
    const asked = names.map((_, index) => names[(index * STRIDE) % customers] ?? "");
    let at = 0; // each batch goes on where the last one ended, or only its first customers would ever be asked for
    return (times) => {
      let sum = 0;
      for (let i = 0; i < times; i++, at = at + 1 < customers ? at + 1 : 0) sum += cache.shardOf(dealer, asked[at] ?? "")[0] ?? 0;
      return sum;
    };
  });
}

/** What a customer costs, once, whose shard a change of the pool leaves as it was. */
function judgedCase(name: string): Case {
  const before = new Dealer(targets(100), RULES);
  const now = new Dealer(targets(101), RULES, before);
  const all = Array.from({ length: 4096 }, (_, index) => `customer-${index}`);
  const dealt = all.map((customer) => ({ customer, version: before.version, shard: before.deal(customer) }));
  const unchanged = dealt.filter((shard) => now.redeal(shard.customer, now.terms, shard) !== undefined);
  return caseOver(name, unchanged, (shard) => now.redeal(shard.customer, now.terms, shard)?.[0] ?? 0);
}

/** A case that takes memory only once it runs. */
function lazily(name: string, budgetNs: number | undefined, build: () => Case["run"]): Case {
  let built: Case["run"] | undefined;
  const run = (times: number): number => {
    built ??= build();
    return built(times);
  };
  const release = (): void => {
    built = undefined;
  };
  return budgetNs === undefined ? { name, run, release } : { name, run, release, budgetNs };
}

const STRIDE = 618_033; // prime to every number of customers above

const targets = (n: number) => Array.from({ length: n }, (_, index) => ({ id: `backend_${index}`, zone: `zone-${index % 3}` }));
