import fc from "fast-check";
import { toByteString } from "../../../src/core/bytes.ts";
import { Dealer } from "../../../src/core/deal/deal.ts";
import { type Key, targetKey } from "../../../src/core/deal/key.ts";
import { score } from "../../../src/core/deal/score.ts";
import { shardSize } from "../../../src/core/deal/size.ts";
import type { ShardRules } from "../../../src/core/rules.ts";

/** A target as the deal sees it. */
export interface Dealt {
  readonly id: string;
  readonly zone: string;
}

export const plain = (count: number, salt = ""): ShardRules => ({
  size: { kind: "count", count },
  zones: "plain",
  minZones: undefined,
  salt,
});
export const minZones = (count: number, zones?: number): ShardRules => ({ ...plain(count), zones: "min", minZones: zones });

/** `n` targets in turn over so many zones. */
export const pool = (n: number, zones = 1, name = "backend_"): readonly Dealt[] =>
  Array.from({ length: n }, (_, i) => ({ id: `${name}${i}`, zone: `zone-${i % zones}` }));

/** Deals by id, for pools that differ in their places. */
export function dealIds(targets: readonly Dealt[], rules: ShardRules): (customer: string, reseed?: number) => readonly string[] {
  const dealer = new Dealer(targets, rules);
  return (customer, reseed) => dealer.deal(customer, reseed).map((place) => targets[place]?.id ?? "");
}

/** The deal as riffle-1 says it, with nothing left out for speed: a full sort, then the walk. */
export function dealInFull(targets: readonly Dealt[], rules: ShardRules, customer: Key): readonly string[] {
  const ranked = targets
    .map(({ id, zone }) => ({ id, zone, bytes: toByteString(id), score: score(customer, targetKey(toByteString(id))) }))
    .sort((a, b) => a.score - b.score || (a.bytes < b.bytes ? -1 : 1));
  const size = shardSize(rules.size, targets.length);
  if (rules.zones === "plain") return ranked.slice(0, size).map(({ id }) => id);
  const wanted = Math.min(rules.minZones ?? 2, size, new Set(targets.map(({ zone }) => zone)).size);
  const shard: Dealt[] = [];
  let others = 0;
  for (const target of ranked) {
    if (shard.length === size) break;
    const isNew = !shard.some(({ zone }) => zone === target.zone);
    if (isNew || others < size - wanted) shard.push(target);
    if (!isNew) others += 1;
  }
  return shard.map(({ id }) => id);
}

/** So many runs of a property, the same ones every time. */
export const runs = (numRuns: number): fc.Parameters<unknown> => ({ seed: 1, numRuns });

/** Any byte string, as a client may send one. */
export const byteStrings = fc.string({ unit: fc.nat({ max: 255 }).map((byte) => String.fromCharCode(byte)), maxLength: 20 });

/** Any pool, from one target in one zone to 40 in five, most of them perhaps in one. */
export const pools: fc.Arbitrary<readonly Dealt[]> = fc.uniqueArray(
  fc.record({ id: fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }), zone: fc.constantFrom("", "a", "a", "a", "b", "c", "zön") }),
  { minLength: 1, maxLength: 40, selector: ({ id }) => id },
);

/** Any settings, the sizes in numbers. */
export const settings: fc.Arbitrary<ShardRules> = fc.record({
  size: fc.record({ kind: fc.constant("count" as const), count: fc.integer({ min: 1, max: 12 }) }),
  zones: fc.constantFrom("plain" as const, "min" as const),
  minZones: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
  salt: fc.constantFrom("", "pepper"),
});
