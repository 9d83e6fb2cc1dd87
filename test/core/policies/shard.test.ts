import { describe, expect, test } from "vitest";
import { shard } from "../../../src/core/policies/shard.ts";
import type { Facts, Verdict } from "../../../src/core/verdict.ts";
import { ejecting, exchange } from "../../support/exchange.ts";
import { eight, snapshotOf } from "../../support/rules.ts";

const snapshot = snapshotOf({ pools: { backends: eight } });
const pool = snapshot.pools.get("backends");
const members = pool?.shardOf("acme") ?? [];
const known = { customer: "acme", pool: "backends" };

const verdictOf = (live: Facts["live"], chance: number): Verdict => {
  const verdict = shard(exchange({}, known, chance), snapshot);
  return verdict.kind === "ask" ? verdict.next(live) : verdict;
};
const chances = [0, 1, 2 ** 30, 2 ** 31 - 1, 2 ** 31, 3 * 2 ** 30, 2 ** 32 - 1];

describe("the pick", () => {
  test("chooses members of the shard alone, each of them", () => {
    const outputs = chances.map((chance) => verdictOf(ejecting(), chance));
    const expected = members.map(({ id }) => ({ kind: "adjust", edits: [{ name: "x-target-cluster", value: id }] }));
    expect(expected).toHaveLength(2);
    for (const output of outputs) expect(expected).toContainEqual(output);
    for (const one of expected) expect(outputs).toContainEqual(one);
  });

  test("leaves out a member that is ejected, and never turns to a target outside the shard", () => {
    const [gone, kept] = members;
    for (const chance of chances) {
      expect(verdictOf(ejecting(gone?.place ?? -1), chance)).toMatchObject({ edits: [{ value: kept?.id }] });
    }
  });

  test("a shard that is wholly down is refused with 503", () => {
    expect(verdictOf(ejecting(...members.map(({ place }) => place)), 0)).toEqual({
      kind: "answer",
      status: 503,
      why: "no target of the shard is up",
    });
  });
});

test("an exchange without a customer is dealt no shard", () => {
  expect(shard(exchange({}, {}), snapshot)).toEqual({ kind: "pass" });
});
