import { describe, expect, test } from "vitest";
import { type DealLaw, type DealShape, dealLaw } from "../../../src/core/deal/makeup.ts";
import {
  choose,
  expectedUsed,
  hypergeometric,
  lossChances,
  overlapChances,
  poisonChances,
  possibleShards,
  sameShardChance,
} from "../../../src/core/deal/overlap.ts";
import { add, chooseExactly, divide, type Rational, relativeError, times, whole } from "./rational.ts";

const plain = (n: number, size: number): DealShape => ({ zones: [n], size, mode: "plain", minZones: undefined });
const lawOf = (shape: DealShape): DealLaw => dealLaw(shape) ?? expect.unreachable("too many makeups");
const defined = <T>(value: T | undefined): T => value ?? expect.unreachable("too much to compute");
const total = (values: Iterable<number>): number => [...values].reduce((sum, value) => sum + value, 0);

const TOLERANCE = 1e-10;
function expectExact(actual: Iterable<number>, expected: readonly Rational[]): void {
  const values = [...actual];
  expect(values.length).toBe(expected.length);
  for (const [at, fraction] of expected.entries()) expect(relativeError(values[at] ?? 0, fraction), `at ${at}`).toBeLessThan(TOLERANCE);
}

describe("against exact rationals the relative error is below 10⁻¹⁰", () => {
  const drawn = (n: number, marked: number, size: number): readonly Rational[] =>
    Array.from({ length: size + 1 }, (_, x) =>
      divide(chooseExactly(marked, x) * chooseExactly(n - marked, size - x), chooseExactly(n, size)),
    );

  test.each([
    [8, 2],
    [60, 4],
    [1000, 100],
    [400, 200],
    [100_000, 20],
    [7, 7],
    [1, 1],
  ])("for what two customers share, n = %i, k = %i", (n, k) => {
    expectExact(defined(overlapChances(lawOf(plain(n, k)))), drawn(n, k, k));
  });

  test.each([
    [8, 2, 2],
    [100, 5, 1],
    [100, 5, 10],
    [1000, 10, 999],
    [1000, 50, 0],
    [5000, 100, 100],
  ])("for what f failures take along, n = %i, k = %i, f = %i", (n, k, f) => {
    expectExact(lossChances(n, k, f), drawn(n, f, k));
  });

  // The recursion over the union of the heavy shards, in fractions: another road than the code's, which follows the quiet customer.
  function coveredExactly(n: number, k: number, heavy: number): readonly Rational[] {
    let unions: readonly Rational[] = [whole(1), ...Array.from({ length: n }, () => whole(0))];
    for (let e = 0; e < heavy; e++) {
      const next = Array.from({ length: n + 1 }, () => whole(0));
      for (const [u, chance] of unions.entries()) {
        if (chance.over === 0n) continue;
        for (let j = 0; j <= Math.min(k, n - u); j++) {
          const more = divide(chooseExactly(n - u, j) * chooseExactly(u, k - j), chooseExactly(n, k));
          next[u + j] = add(next[u + j] ?? whole(0), times(chance, more));
        }
      }
      unions = next;
    }
    return Array.from({ length: k + 1 }, (_, x) =>
      unions.reduce((sum, chance, u) => {
        const lost = divide(chooseExactly(u, x) * chooseExactly(n - u, k - x), chooseExactly(n, k));
        return add(sum, times(chance, lost));
      }, whole(0)),
    );
  }

  test.each([
    [8, 2, 3],
    [60, 4, 5],
    [100, 5, 20],
    [200, 10, 4],
    [5, 5, 1],
  ])("for what poison customers do to another, n = %i, k = %i, e = %i", (n, k, heavy) => {
    expectExact(defined(defined(poisonChances(lawOf(plain(n, k)), heavy)).at(-1)), coveredExactly(n, k, heavy));
  });

  test.each([
    [8, 2],
    [52, 5],
    [1000, 1],
    [300, 150],
  ])("for the number of shards, n = %i, k = %i", (n, k) => {
    expect(relativeError(choose(n, k), whole(chooseExactly(n, k)))).toBeLessThan(TOLERANCE);
  });
});

/** Every order of so many targets, each as likely as the others. */
function orders(n: number): readonly (readonly number[])[] {
  if (n === 0) return [[]];
  return orders(n - 1).flatMap((order) => Array.from({ length: n }, (_, at) => [...order.slice(0, at), n - 1, ...order.slice(at)]));
}

/** The shard that riffle-1, 3.6, gives for an order of the targets and one of the zones. */
function dealFrom(order: readonly number[], zoneOrder: readonly number[], zoneOf: readonly number[], shape: DealShape): string {
  const shard: number[] = [];
  if (shape.mode === "spread") {
    for (let round = 0; shard.length < shape.size; round++) {
      for (const zone of zoneOrder) {
        const target = order.filter((place) => zoneOf[place] === zone)[round];
        if (target !== undefined && shard.length < shape.size) shard.push(target);
      }
    }
  } else {
    let spare = shape.size - Math.min(shape.minZones ?? 2, shape.size, shape.zones.length);
    for (const place of order) {
      if (shard.length === shape.size) break;
      if (shard.some((other) => zoneOf[other] === zoneOf[place]) && spare-- <= 0) continue;
      shard.push(place);
    }
  }
  return shard.sort((a, b) => a - b).join();
}

/** Each shard's chance, counted over all orders there are. */
function shardChances(shape: DealShape): readonly { readonly shard: readonly string[]; readonly chance: number }[] {
  const zoneOf = shape.zones.flatMap((targets, zone) => Array.from({ length: targets }, () => zone));
  const zoneOrders = shape.mode === "spread" ? orders(shape.zones.length) : [[...shape.zones.keys()]];
  const counts = new Map<string, number>();
  for (const order of orders(zoneOf.length)) {
    for (const zoneOrder of zoneOrders) {
      const shard = dealFrom(order, zoneOrder, zoneOf, shape);
      counts.set(shard, (counts.get(shard) ?? 0) + 1);
    }
  }
  const all = total(counts.values());
  return [...counts].map(([shard, count]) => ({ shard: shard.split(","), chance: count / all }));
}

describe("with zones, every figure is that of a deal from every order of the targets and zones", () => {
  test.each<[string, DealShape]>([
    ["two zones, one each", { zones: [3, 3], size: 2, mode: "min", minZones: undefined }],
    ["two of three zones at least, unequal", { zones: [4, 2, 1], size: 3, mode: "min", minZones: 2 }],
    ["three zones asked for, four members", { zones: [3, 2, 2], size: 4, mode: "min", minZones: 3 }],
    ["more zones asked for than there are", { zones: [4, 3], size: 3, mode: "min", minZones: 9 }],
    ["no zones asked for", { zones: [4, 3], size: 3, mode: "min", minZones: 1 }],
    ["spread, one each", { zones: [2, 2, 2], size: 3, mode: "spread", minZones: undefined }],
    ["spread, fewer members than zones", { zones: [3, 2, 2], size: 2, mode: "spread", minZones: undefined }],
    ["spread, a round and a half", { zones: [3, 2, 2], size: 4, mode: "spread", minZones: undefined }],
    ["spread, a zone too small for its share", { zones: [4, 2, 1], size: 5, mode: "spread", minZones: undefined }],
  ])("%s", (_, shape) => {
    const law = lawOf(shape);
    const shards = shardChances(shape);
    const overlap = new Float64Array(shape.size + 1);
    const poisoned = new Float64Array(shape.size + 1); // by two
    for (const quiet of shards) {
      for (const first of shards) {
        const hit = quiet.shard.filter((id) => first.shard.includes(id)).length;
        overlap[hit] = (overlap[hit] ?? 0) + quiet.chance * first.chance;
        for (const second of shards) {
          const lost = quiet.shard.filter((id) => first.shard.includes(id) || second.shard.includes(id)).length;
          poisoned[lost] = (poisoned[lost] ?? 0) + quiet.chance * first.chance * second.chance;
        }
      }
    }
    expect(possibleShards(law)).toBe(shards.length);
    expect(sameShardChance(law)).toBeCloseTo(total(shards.map(({ chance }) => chance ** 2)), 12);
    expect(expectedUsed(law, 50)).toBeCloseTo(total(shards.map(({ chance }) => 1 - (1 - chance) ** 50)), 10);
    for (const [j, chance] of defined(overlapChances(law)).entries()) expect(chance).toBeCloseTo(overlap[j] ?? 0, 12);
    const [, byTwo = []] = defined(poisonChances(law, 2));
    for (const [j, chance] of [...byTwo].entries()) expect(chance).toBeCloseTo(poisoned[j] ?? 0, 12);
  });
});

test("one member in each of k equal zones: what two customers share is binomial, and m to the power of k shards exist", () => {
  const law = lawOf({ zones: [7, 7, 7, 7], size: 4, mode: "spread", minZones: undefined });
  expect(possibleShards(law)).toBe(2401);
  const binomial = Array.from({ length: 5 }, (_, j) => times(divide(chooseExactly(4, j) * 6n ** BigInt(4 - j), 1n), divide(1n, 7n ** 4n)));
  expectExact(defined(overlapChances(law)), binomial);
});

test("chances add up to one, and none is lost where a factorial has ten thousand digits", () => {
  for (const chances of [
    hypergeometric({ n: 100_000, marked: 5_000, drawn: 5_000 }),
    hypergeometric({ n: 100_000, marked: 99_999, drawn: 50_000 }),
  ]) {
    expect(total(chances)).toBeCloseTo(1, 12);
    expect(chances.every((chance) => chance >= 0 && chance <= 1)).toBe(true);
  }
});

test("what is too much to enumerate has no formula, rather than a wrong or a late one", () => {
  expect(dealLaw({ zones: Array.from({ length: 100 }, () => 10), size: 6, mode: "spread", minZones: undefined })).toBeUndefined();
  expect(dealLaw({ zones: Array.from({ length: 100 }, () => 10), size: 6, mode: "min", minZones: 2 })).toBeUndefined();
  expect(poisonChances(lawOf({ zones: [50, 50, 50, 50], size: 20, mode: "min", minZones: 2 }), 5)).toBeUndefined();
});
