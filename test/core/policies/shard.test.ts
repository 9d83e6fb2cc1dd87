import { describe, expect, test } from "vitest";
import { shard } from "../../../src/core/policies/shard.ts";
import type { Snapshot } from "../../../src/core/snapshot.ts";
import type { Live, Verdict } from "../../../src/core/verdict.ts";
import { ejecting, exchange } from "../../support/exchange.ts";
import { eight, snapshotOf } from "../../support/rules.ts";

const snapshot = snapshotOf({ pools: { backends: eight } });
const members = snapshot.pools.get("backends")?.shardOf("acme") ?? [];
const known = { customer: "acme", pool: "backends" };

const verdictOf = (live: Live, chance: number, of: Snapshot = snapshot): Verdict => {
  const verdict = shard(exchange({}, known, chance), of);
  return verdict.kind === "ask" && verdict.about === "live" ? verdict.next(live) : verdict;
};
const chances = [0, 1, 2 ** 30, 2 ** 31 - 1, 2 ** 31, 3 * 2 ** 30, 2 ** 32 - 1];

describe("the pick", () => {
  test("chooses members of the shard alone, each of them", () => {
    const outputs = chances.map((chance) => verdictOf(ejecting(), chance));
    const expected = members.map((target) => ({
      kind: "adjust",
      edits: [{ name: "x-target-cluster", value: target.id }],
      known: { picked: { pool: snapshot.pools.get("backends"), order: [target], isSpilled: false } },
    }));
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

  test("a shard that is wholly down is refused with 503, and a header that says so", () => {
    expect(verdictOf(ejecting(...members.map(({ place }) => place)), 0)).toEqual({
      kind: "answer",
      status: 503,
      why: "no target of the shard is up",
      headers: [{ name: "x-riffle-reason", value: "no-target-of-the-shard-is-up" }],
    });
  });

  test("a pool of which nothing can be dealt is refused with 503", () => {
    const weightless = { ...eight, targets: eight.targets.map((target) => ({ ...target, weight: 0 })) };
    expect(verdictOf(ejecting(), 0, snapshotOf({ pools: { backends: weightless } }))).toMatchObject({
      status: 503,
      why: "no target can be dealt",
    });
  });
});

test("the response is looked at where a later pick depends on it, and nowhere else", () => {
  const wants = (pool: object): unknown => {
    const verdict = verdictOf(ejecting(), 0, snapshotOf({ pools: { backends: pool } }));
    return verdict.kind === "adjust" ? verdict.wants : verdict;
  };
  expect(wants(eight)).toBeUndefined();
  expect(wants({ ...eight, ejection: {} })).toEqual({ responseHeaders: true });
  expect(wants({ ...eight, shard: { ...eight.shard, pick: "least_loaded" } })).toEqual({ responseHeaders: true });
  expect(wants({ ...eight, shard: { ...eight.shard, pick: "affinity:path" } })).toBeUndefined();
});

test("an exchange without a customer is dealt no shard", () => {
  expect(shard(exchange({}, {}), snapshot)).toEqual({ kind: "pass" });
});
