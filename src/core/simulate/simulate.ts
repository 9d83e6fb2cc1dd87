import { toDisplay } from "../bytes.ts";
import { Dealer } from "../deal/deal.ts";
import { checkGuardRails, warnOfFewShards } from "../deal/guard-rails.ts";
import { expectedUsed, possibleShards, sameShardChance } from "../deal/overlap.ts";
import { Census } from "./census.ts";
import { warnOfDominance } from "./dominance.ts";
import { countFailures } from "./failures.ts";
import { countMoved } from "./movement.ts";
import { countOverlap } from "./pairs.ts";
import { countByZone, type Plan } from "./plan.ts";
import { countPoisoned } from "./poison.ts";
import { Random } from "./random.ts";
import type { LoadFigures, PoolSummary, ShardFigures, Simulation, Spread, ZoneRow } from "./result.ts";
import { Sample } from "./sample.ts";
import type { Steps } from "./steps.ts";

const STEP = 1024;

/**
 * Deals every customer its shard and says what comes of it, beside what formulas say. In steps, for a progress bar; the same plan
 * gives the same result. Memory is bounded: 430 MiB in all for ten million customers (measured; 200 of them count distinct shards).
 */
export function* simulate(plan: Plan): Steps<Simulation> {
  const sample = new Sample(plan);
  const census = yield* dealAll(plan, sample);
  const random = new Random(plan.seed);
  return {
    pool: summarize(plan),
    warnings: warningsOf(plan, census),
    shards: shardFigures(plan, census),
    overlap: yield* countOverlap(plan, sample, random),
    load: loadFigures(plan, census),
    failures: yield* countFailures(plan, sample, random),
    zones: zoneRows(plan, census),
    poison: yield* countPoisoned(plan, sample, random),
    changes: yield* countMoved(plan, sample),
  };
}

function* dealAll(plan: Plan, sample: Sample): Steps<Census> {
  const { targets, rules, customers } = plan;
  const dealer = new Dealer(targets, rules);
  const census = new Census(plan);
  for (let customer = 0; customer < customers.count; customer++) {
    if (customer % STEP === 0) yield { doing: "dealing shards", share: customer / customers.count };
    const shard = dealer.deal(customers.name(customer));
    census.count(customer, shard);
    sample.offer(customer, shard);
  }
  return census;
}

function summarize({ pool, targets, size, rules, customers, seed }: Plan): PoolSummary {
  const zones = countByZone(targets).size;
  const minZones = rules.zones === "min" ? Math.min(rules.minZones ?? 2, size, zones) : undefined;
  const sizes = { targets: targets.length, size, zones, customers: customers.count };
  return { name: pool, algorithm: "riffle-1", ...sizes, mode: rules.zones, minZones, seed };
}

function warningsOf(plan: Plan, census: Census): readonly string[] {
  const { targets, rules, law, customers } = plan;
  return [
    ...checkGuardRails({ ...rules, targets, mode: rules.zones }).map(({ message }) => message),
    ...(law === undefined ? [] : warnOfFewShards(possibleShards(law), customers.count)),
    ...warnOfDominance(plan, census),
  ];
}

function shardFigures({ law, customers: { count } }: Plan, { shards }: Census): ShardFigures {
  return {
    possible: law && possibleShards(law),
    used: shards.used,
    usedExpected: law && expectedUsed(law, count),
    samePairs: shards.samePairs,
    samePairsExpected: law && ((count * (count - 1)) / 2) * sameShardChance(law),
    largestGroup: shards.largest,
  };
}

function loadFigures({ targets }: Plan, { held, demand }: Census): LoadFigures {
  return {
    customers: spreadOf(held),
    demand: demand && spreadOf(demand),
    targets: targets.map(({ id, zone }, at) => ({ id, zone: toDisplay(zone), customers: held[at] ?? 0, demand: demand?.[at] })),
  };
}

function spreadOf(values: Float64Array): Spread {
  const max = values.reduce((a, b) => Math.max(a, b));
  const mean = values.reduce((a, b) => a + b) / values.length;
  return { min: values.reduce((a, b) => Math.min(a, b)), mean, max, maxOverMean: mean === 0 ? 1 : max / mean };
}

function zoneRows({ targets, customers: { count } }: Plan, { zones, hurt, dark }: Census): readonly ZoneRow[] {
  if (zones.length < 2) return [];
  const sizes = countByZone(targets);
  return zones.map((zone, at) => ({
    zone: toDisplay(zone),
    targets: sizes.get(zone) ?? 0,
    hurt: (hurt[at] ?? 0) / count,
    dark: (dark[at] ?? 0) / count,
  }));
}
