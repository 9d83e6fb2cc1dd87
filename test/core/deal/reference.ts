import { toByteString } from "../../../src/core/bytes.ts";
import type { Dealable, DealRules, Terms } from "../../../src/core/deal/deal.ts";
import { customerKey, type Key, targetKey, zoneKey } from "../../../src/core/deal/key.ts";
import { score } from "../../../src/core/deal/score.ts";
import { shardSize } from "../../../src/core/deal/size.ts";
import { cost } from "../../../src/core/deal/weight.ts";

/** A target with what it is ranked by. */
interface Ranked {
  readonly place: number;
  readonly bytes: string;
  readonly zone: string;
  readonly score: number;
  readonly value: number;
}

/** The deal as the text of riffle-1 says it, with nothing left out for speed: everything is scored, and sorted in full. */
export function dealInFull(targets: readonly Dealable[], rules: DealRules, customer: string, terms: Terms): readonly number[] {
  const key = customerKey(rules.salt, customer, terms.reseed);
  const order = rankInFull(targets, key, terms.avoid);
  const size = shardSize(terms.size, order.length);
  if (rules.zones === "plain") return placesOf(order.slice(0, size));
  return placesOf(rules.zones === "min" ? walk(order, size, rules.minZones ?? 2) : takeTurns(order, size, key));
}

/** All targets that weigh something, in rank order. */
export function rankInFull(targets: readonly Dealable[], customer: Key, avoid: ReadonlySet<number>): readonly Ranked[] {
  return targets
    .map(({ id, zone, weight = 100 }, place) => {
      const bytes = toByteString(id);
      const scored = score(customer, targetKey(bytes));
      return { place, bytes, zone, score: scored, weight, value: cost(scored) / weight };
    })
    .filter(({ place, weight }) => weight > 0 && !avoid.has(place))
    .sort((a, b) => a.value - b.value || a.score - b.score || (a.bytes < b.bytes ? -1 : 1));
}

const placesOf = (ranked: readonly Ranked[]): readonly number[] => ranked.map(({ place }) => place);
const zonesOf = (ranked: readonly Ranked[]): readonly string[] => [...new Set(ranked.map(({ zone }) => zone))];

function walk(order: readonly Ranked[], size: number, minZones: number): readonly Ranked[] {
  const wanted = Math.min(minZones, size, zonesOf(order).length);
  const shard: Ranked[] = [];
  let others = 0;
  for (const target of order) {
    if (shard.length === size) break;
    const isNew = !shard.some(({ zone }) => zone === target.zone);
    if (isNew || others < size - wanted) shard.push(target);
    if (!isNew) others += 1;
  }
  return shard;
}

function takeTurns(order: readonly Ranked[], size: number, customer: Key): readonly Ranked[] {
  const zones = zonesOf(order)
    .map((zone) => ({ zone, score: score(customer, zoneKey(zone)), targets: order.filter((target) => target.zone === zone) }))
    .sort((a, b) => a.score - b.score || (a.zone < b.zone ? -1 : 1));
  const rounds = order.map((_, round) => zones.flatMap(({ targets }) => targets[round] ?? []));
  return rounds.flat().slice(0, size);
}
