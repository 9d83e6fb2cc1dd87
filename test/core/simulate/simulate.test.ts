import { describe, expect, test } from "vitest";
import { Dealer } from "../../../src/core/deal/deal.ts";
import { createPlan, type Request } from "../../../src/core/simulate/plan.ts";
import type { Figure, Simulation } from "../../../src/core/simulate/result.ts";
import { simulate } from "../../../src/core/simulate/simulate.ts";
import { plainRules, requestOf, simulationOf, targetsOf } from "./requests.ts";

const minRules = (count: number, minZones?: number): Request["rules"] => ({ ...plainRules(count), zones: "min", minZones });
const spreadRules = (count: number): Request["rules"] => ({ ...plainRules(count), zones: "spread" });
const customers = (count: number, demand?: readonly number[]): Request["customers"] => ({
  count,
  name: (customer) => `customer-${customer}`,
  demand: demand && Float64Array.from(demand),
});

const allFigures = ({ overlap, failures, poison }: Simulation): readonly (Figure & { readonly of: string })[] => [
  ...overlap.rows.map((row) => ({ ...row, of: `${row.shared} shared` })),
  ...failures.rows.flatMap(({ failed, hurt, dark }) => [
    { ...hurt, of: `${failed} failed: hurt` },
    { ...dark, of: `${failed} failed: dark` },
  ]),
  ...poison.rows.flatMap(({ heavy, lost }) => lost.map((row) => ({ ...row, of: `${heavy} poison: ${row.members} lost` }))),
];

describe("what is simulated agrees with the formulas, within what chance allows", () => {
  test.each<[string, Partial<Request>]>([
    ["plain, 12 targets, three each", {}],
    ["plain, 60 targets, four each", { targets: targetsOf(60), rules: plainRules(4) }],
    ["two of two zones: the plain formula would be wrong by half", { targets: targetsOf(8, 2), rules: minRules(2) }],
    ["three of four zones at least", { targets: targetsOf(30, 4), rules: minRules(5, 3) }],
    ["spread over four zones, one each", { targets: targetsOf(28, 4), rules: spreadRules(4) }],
    ["spread over three zones, not evenly", { targets: targetsOf(20, 3), rules: spreadRules(4) }],
    ["zones of unequal size", { targets: [...targetsOf(10, 2), { id: "lone", zone: "z9" }], rules: minRules(3, 3) }],
  ])("%s", (_, request) => {
    const simulation = simulationOf({ ...request, customers: customers(40_000) });
    for (const { of, exact = Number.NaN, simulated, error } of allFigures(simulation)) {
      expect(Math.abs(simulated - exact), `${of}: ${simulated}, not ${exact}`).toBeLessThan(4.5 * error);
    }
    const { used, usedExpected = Number.NaN, samePairs, samePairsExpected = Number.NaN } = simulation.shards;
    expect(Math.abs(used - usedExpected)).toBeLessThanOrEqual(4.5 * Math.sqrt(usedExpected));
    expect(samePairs / samePairsExpected).toBeCloseTo(1, 1);
  });
});

describe("what is counted is what a plain count of the same deals gives", () => {
  const request = requestOf({
    targets: targetsOf(9, 3),
    rules: minRules(3),
    customers: customers(400),
    changes: [{ kind: "remove", id: "t4" }],
  });
  const shards = Array.from({ length: 400 }, (_, i) => new Dealer(request.targets, request.rules).deal(`customer-${i}`));
  const simulation = simulationOf(request);

  test("distinct shards, and pairs of customers with the same one", () => {
    const counts = Map.groupBy(shards, (shard) => shard.toSorted().join());
    const sizes = [...counts.values()].map(({ length }) => length);
    expect(simulation.shards).toMatchObject({
      used: counts.size,
      largestGroup: Math.max(...sizes),
      samePairs: sizes.reduce((sum, size) => sum + (size * (size - 1)) / 2, 0),
    });
  });

  test("overlap, of every pair when there are few customers", () => {
    const counts = [0, 0, 0, 0];
    for (const [i, one] of shards.entries()) {
      for (const other of shards.slice(i + 1)) {
        const shared = one.filter((place) => other.includes(place)).length;
        counts[shared] = (counts[shared] ?? 0) + 1;
      }
    }
    expect(simulation.overlap.pairs).toBe((400 * 399) / 2);
    expect(simulation.overlap.rows.map(({ simulated }) => simulated)).toEqual(counts.map((count) => count / ((400 * 399) / 2)));
  });

  test("load, and whom the failure of a zone hurts and darkens", () => {
    expect(simulation.load.targets.map(({ customers: held }) => held)).toEqual(
      request.targets.map((_, place) => shards.filter((shard) => shard.includes(place)).length),
    );
    const inZone = (zone: string) => (place: number) => request.targets[place]?.zone === zone;
    expect(simulation.zones).toEqual(
      ["z0", "z1", "z2"].map((zone) => ({
        zone,
        targets: 3,
        hurt: shards.filter((shard) => shard.some(inZone(zone))).length / 400,
        dark: shards.filter((shard) => shard.every(inZone(zone))).length / 400,
      })),
    );
  });

  test("customers and members that a removed target moves", () => {
    const rest = request.targets.filter(({ id }) => id !== "t4");
    const dealer = new Dealer(rest, request.rules);
    const gained = shards.map((shard, i) => {
      const before = shard.map((place) => request.targets[place]?.id);
      return dealer.deal(`customer-${i}`).filter((place) => !before.includes(rest[place]?.id)).length;
    });
    const moved = gained.reduce((sum, count) => sum + count, 0);
    const [, removed] = simulation.changes.rows;
    expect(removed).toMatchObject({
      change: "remove t4",
      customers: { simulated: gained.filter((count) => count > 0).length / 400 },
      members: { simulated: moved / 400 / 3 },
    });
  });
});

test("a target that comes or goes moves no more than who holds it, and a larger size nobody's members", () => {
  const { changes } = simulationOf({ customers: customers(20_000) });
  const [added, removed, larger] = changes.rows;
  expect(changes.rows.map(({ change }) => change)).toEqual(["add a target in zone z0", "remove t11", "size 3 → 4"]);
  expect([added?.customers.exact, removed?.customers.exact]).toEqual([3 / 13, 3 / 12]);
  for (const row of [added, removed]) {
    const { exact = Number.NaN, simulated, error } = row?.customers ?? expect.unreachable("no row");
    expect(Math.abs(simulated - exact)).toBeLessThan(4.5 * error);
    expect(row?.members.simulated).toBeCloseTo(simulated / 3, 12);
  }
  expect(larger).toMatchObject({ customers: { exact: 1, simulated: 1 }, members: { exact: 1 / 3, simulated: 1 / 3, error: 0 } });
});

test("a customer's demand is shared evenly by its targets, and none is lost", () => {
  const demand = Array.from({ length: 500 }, (_, i) => (i === 7 ? 10_000 : i % 10));
  const { load, warnings } = simulationOf({ customers: customers(500, demand) });
  const all = load.targets.reduce((sum, target) => sum + (target.demand ?? Number.NaN), 0);
  expect(all).toBeCloseTo(
    demand.reduce((a, b) => a + b),
    6,
  );
  expect(load.demand?.max).toBeGreaterThan(10_000 / 3);
  expect(warnings).toContainEqual(expect.stringMatching(/^customer customer-7 alone brings its targets 3\.\d × the average demand; /));
});

describe("poor choices are warned of", () => {
  test.each<[string, Partial<Request>, readonly RegExp[]]>([
    [
      "too large a shard, and too few of them",
      { targets: targetsOf(12), rules: { ...plainRules(4), salt: "" } },
      [/more than a quarter/, /without a salt/, /^only 495 shards exist for 3,000 customers/],
    ],
    ["and good ones are not", { targets: targetsOf(60, 3), rules: minRules(4) }, []],
  ])("%s", (_, request, lines) => {
    expect(simulationOf(request).warnings).toEqual(lines.map((line) => expect.stringMatching(line)));
  });
});

describe("every size of pool has an answer", () => {
  test.each<[string, Partial<Request>]>([
    ["one target", { targets: targetsOf(1), rules: plainRules(1) }],
    ["every target each", { rules: plainRules(12) }],
    [
      "a percentage that grows with the pool",
      { targets: targetsOf(10), rules: { ...plainRules(1), size: { kind: "percent", basisPoints: 1000 } } },
    ],
    ["two customers", { customers: customers(2) }],
    ["a target that is not dealt", { targets: [...targetsOf(5), { id: "off", zone: "z0", weight: 0 }] }],
    ["more possible shards than a double holds", { targets: targetsOf(1200), rules: plainRules(500), customers: customers(50) }],
  ])("%s", (_, request) => {
    const simulation = simulationOf(request);
    for (const { of, exact, simulated } of allFigures(simulation)) {
      expect(simulated >= 0 && simulated <= 1, of).toBe(true);
      expect(exact === undefined || (exact >= 0 && exact <= 1 + 1e-12), `${of}: ${exact}`).toBe(true);
    }
    expect(simulation.shards.used).toBeGreaterThan(0);
    expect(simulation.load.targets.some(({ id }) => id === "off")).toBe(false);
  });
});

test("the same request gives the same simulation, another seed other samples of the same deals", () => {
  const [first, again, other] = [simulationOf(), simulationOf(), simulationOf({ seed: 2 })];
  expect(again).toEqual(first);
  expect(other.failures).not.toEqual(first.failures);
  expect([other.shards, other.load, other.changes]).toEqual([first.shards, first.load, first.changes]);
});

test("a long run says where it stands, part by part from none to nearly all", () => {
  const parts = new Map<string, number[]>();
  for (const { doing, share } of simulate(createPlan(requestOf({ customers: customers(10_000) })))) {
    parts.set(doing, [...(parts.get(doing) ?? []), share]);
  }
  expect(parts.size).toBe(7);
  for (const shares of parts.values()) {
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.every((share) => share >= 0 && share < 1)).toBe(true);
  }
});
