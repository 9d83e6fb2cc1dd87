import { choose } from "../../src/core/choose.ts";
import { type Dealable, Dealer, type DealRules } from "../../src/core/deal/deal.ts";
import { customerKey } from "../../src/core/deal/key.ts";
import { createHeaders } from "../../src/core/exchange.ts";
import { parseRules } from "../../src/core/parse-rules.ts";
import { Pool } from "../../src/core/pool.ts";
import type { PoolRules } from "../../src/core/rules.ts";
import { ordinary } from "../../src/core/tuning.ts";
import { quietLive } from "../../src/store/live.ts";
import { type Case, caseOver } from "./case.ts";

const SALT = "a-salt-for-the-bench-alone";
const ZONES = ["zone-a", "zone-b", "zone-c"];
const WEIGHTS = [100, 50, 200, 400];

/** More than any cache of the processor's branches can learn. */
const CUSTOMERS = Array.from({ length: 4096 }, (_, index) => `customer-${index}`);

/** From a customer's name to its targets and to one of them; `cold`: nothing is remembered from an earlier request. */
export const dealCases = (): readonly Case[] => [
  caseOver("customer key", CUSTOMERS, (customer) => customerKey(SALT, customer, 0).lo, 200),
  dealCase("deal cold, plain, 2 of 8", { n: 8, k: 2, zones: "plain" }, 500),
  dealCase("deal cold, plain, 5 of 100", { n: 100, k: 5, zones: "plain" }, 2_000),
  dealCase("deal cold, min_zones, 5 of 100", { n: 100, k: 5, zones: "min" }, 6_000),
  dealCase("deal cold, spread, 5 of 100", { n: 100, k: 5, zones: "spread" }, 6_000),
  dealCase("deal cold, plain, weighted, 5 of 100", { n: 100, k: 5, zones: "plain", weights: WEIGHTS }, 6_000),
  dealCase("deal cold, min_zones, weighted, 5 of 100", { n: 100, k: 5, zones: "min", weights: WEIGHTS }, 6_000),
  dealCase("deal cold, spread, weighted, 5 of 100", { n: 100, k: 5, zones: "spread", weights: WEIGHTS }, 6_000),
  dealCase("deal cold, plain, 10 of 1,000", { n: 1_000, k: 10, zones: "plain" }, 6_000),
  dealCase("deal cold, plain, 100 of 1,000", { n: 1_000, k: 100, zones: "plain" }, 20_000),
  dealCase("deal cold, plain, 5 of 10,000", { n: 10_000, k: 5, zones: "plain" }, 40_000),
  dealCase("deal cold, plain, 100 of 10,000", { n: 10_000, k: 100, zones: "plain" }, 60_000),
  dealCase("deal cold, plain, weighted, 100 of 10,000", { n: 10_000, k: 100, zones: "plain", weights: WEIGHTS }),
  pickCase(),
];

interface Size {
  readonly n: number;
  readonly k: number;
  readonly zones: DealRules["zones"];
  readonly weights?: readonly number[]; // in turn
}

function dealCase(name: string, size: Size, budgetNs?: number): Case {
  const dealer = new Dealer(weigh(targets(size.n), size.weights), dealRules(size));
  return caseOver(name, CUSTOMERS, (customer) => dealer.deal(customer)[0] ?? 0, budgetNs);
}

const weigh = (all: readonly Dealable[], weights: readonly number[] = [100]): readonly Dealable[] =>
  all.map((target, index) => ({ ...target, weight: weights[index % weights.length] ?? 0 }));

/** One member of a dealt shard by chance. */
function pickCase(): Case {
  const pool = new Pool(poolRules());
  const customer = "acme";
  const dealt = { pool, how: "deal", members: pool.deal(customer), placement: ordinary(pool) } as const;
  const exchanges = CUSTOMERS.map((_, index) => ({
    headers: createHeaders([]),
    known: {},
    atMs: 0,
    chance: Math.imul(index, 0x9e3779b9) >>> 0,
  }));
  const live = quietLive();
  return caseOver("pick, 1 of 2", exchanges, (exchange) => choose(dealt, { exchange, customer, live })?.order[0]?.place ?? 0);
}

function poolRules(): PoolRules {
  const document = { pools: { backends: { targets: targets(8).map(({ id, zone }) => ({ id, zone })), shard: { size: 2, salt: SALT } } } };
  const parsed = parseRules(document, "/");
  const rules = "rules" in parsed ? parsed.rules.pools.get("backends") : undefined;
  if (rules === undefined) throw new Error("the rules of the bench are wrong");
  return rules;
}

const targets = (n: number): readonly Dealable[] =>
  Array.from({ length: n }, (_, index) => ({ id: `backend_${index}`, zone: ZONES[index % ZONES.length] ?? "" }));

const dealRules = ({ k, zones }: Pick<Size, "k" | "zones">): DealRules => ({
  size: { kind: "count", count: k },
  zones,
  minZones: undefined,
  salt: SALT,
});
