import fc from "fast-check";
import { toByteString } from "../../../src/core/bytes.ts";
import { type Dealable, Dealer, type DealRules, type Terms } from "../../../src/core/deal/deal.ts";
import type { Size } from "../../../src/core/deal/size.ts";

export const plain = (count: number, salt = ""): DealRules => ({
  size: { kind: "count", count },
  zones: "plain",
  minZones: undefined,
  salt,
});
export const minZones = (count: number, zones?: number): DealRules => ({ ...plain(count), zones: "min", minZones: zones });
export const spread = (count: number): DealRules => ({ ...plain(count), zones: "spread" });

/** `n` targets in turn over so many zones. */
export const pool = (n: number, zones = 1, name = "backend_"): readonly Dealable[] =>
  Array.from({ length: n }, (_, i) => ({ id: `${name}${i}`, zone: `zone-${i % zones}` }));

/** The same, with these weights in turn. */
export const weigh = (targets: readonly Dealable[], weights: readonly number[]): readonly Dealable[] =>
  targets.map((target, i) => ({ ...target, weight: weights[i % weights.length] ?? 0 }));

/** Deals by id, for pools that differ in their places. */
export function dealIds(targets: readonly Dealable[], rules: DealRules): (customer: string, terms?: Partial<Terms>) => readonly string[] {
  const dealer = new Dealer(targets, rules);
  return (customer, terms) => dealer.deal(customer, { ...dealer.terms, ...terms }).map((place) => targets[place]?.id ?? "");
}

/** So many runs of a property, the same ones every time. */
export const runs = (numRuns: number): fc.Parameters<unknown> => ({ seed: 1, numRuns });

/** Any byte string, as a client may send one. */
export const byteStrings = fc.string({ unit: fc.nat({ max: 255 }).map((byte) => String.fromCharCode(byte)), maxLength: 20 });

const ids = fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 });
const zones = fc.constantFrom("", "a", "a", "a", "b", "c", toByteString("zön"));

/** Weights such that ratios, ties, the extremes and none at all occur. */
export const weights = fc.oneof(
  fc.constantFrom(100, 100, 50, 200, 400),
  fc.constantFrom(0, 1, 2, 65_534, 65_535),
  fc.integer({ min: 0, max: 65_535 }),
);

/** Any pool of targets that weigh the same, from one in one zone to 40 in five, most of them perhaps in one. */
export const evenPools: fc.Arbitrary<readonly Dealable[]> = poolsOf(fc.record({ id: ids, zone: zones }));

/** Any pool, with and without weights. */
export const pools: fc.Arbitrary<readonly Dealable[]> = fc.oneof(
  evenPools,
  poolsOf(fc.record({ id: ids, zone: zones, weight: weights }, { requiredKeys: ["id", "zone"] })),
);

function poolsOf<T extends Dealable>(targets: fc.Arbitrary<T>): fc.Arbitrary<readonly T[]> {
  return fc.uniqueArray(targets, { minLength: 1, maxLength: 40, selector: ({ id }) => id });
}

const counts: fc.Arbitrary<Size> = fc.record({ kind: fc.constant("count" as const), count: fc.integer({ min: 1, max: 12 }) });

export const percents: fc.Arbitrary<Size> = fc.record({
  kind: fc.constant("percent" as const),
  basisPoints: fc.integer({ min: 1, max: 10_000 }),
});

/** Any settings, the sizes in numbers. */
export const settings = fc.record({
  size: counts,
  zones: fc.constantFrom("plain" as const, "min" as const, "spread" as const),
  minZones: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
  salt: fc.constantFrom("", "pepper"),
}) satisfies fc.Arbitrary<DealRules>;

/** Anything that one customer may be dealt instead; half of them avoid nothing. */
export const anyTerms: fc.Arbitrary<Terms> = fc.record({
  size: fc.oneof(counts, percents),
  reseed: fc.constantFrom(0, 0, 1, 4_294_967_295),
  avoid: fc.oneof(
    fc.constant(new Set<number>()),
    fc.array(fc.nat({ max: 45 }), { maxLength: 12 }).map((places) => new Set(places)),
  ),
});
