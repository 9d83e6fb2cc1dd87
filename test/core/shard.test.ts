import { describe, expect, test } from "vitest";
import { type Shard, shardOf, spillOf } from "../../src/core/shard.ts";
import type { Snapshot } from "../../src/core/snapshot.ts";
import { snapshotOf } from "../support/rules.ts";

const targets = (prefix: string) => Array.from({ length: 12 }, (_, index) => ({ id: `${prefix}_${index}`, zone: "abc"[index % 3] }));
const pools = { backends: { targets: targets("backend"), shard: { size: 3, salt: "s" } }, ward: { targets: targets("ward") } };

const snapshotWith = (fields: object): Snapshot => snapshotOf({ pools, customers: { acme: fields } });
const usual = snapshotOf({ pools });

function shardIn(snapshot: Snapshot, customer = "acme", pool = "backends"): Shard {
  const shard = shardOf(customer, pool, snapshot);
  if (shard === undefined) throw new Error("no such pool");
  return shard;
}
const idsIn = (snapshot: Snapshot, customer?: string, pool?: string): readonly string[] => {
  const shard = shardIn(snapshot, customer, pool);
  return shard.pool.at(shard.members).map(({ id }) => id);
};
const dealt = idsIn(usual);

describe("what an operator says of one customer", () => {
  test("shard_size deals it more targets, and keeps those it had; a percentage counts the pool", () => {
    const larger = idsIn(snapshotWith({ shard_size: 5 }));
    expect(larger).toHaveLength(5);
    expect(larger).toEqual(expect.arrayContaining([...dealt]));
    expect(idsIn(snapshotWith({ shard_size: "50%" }))).toHaveLength(6);
    expect(idsIn(snapshotWith({ shard_size: 99 }))).toHaveLength(12);
  });

  test("reseed deals it other targets, the same ones every time", () => {
    const moved = idsIn(snapshotWith({ reseed: 1 }));
    expect(moved).not.toEqual(dealt);
    expect(moved).toHaveLength(3);
    expect(idsIn(snapshotWith({ reseed: 1 }))).toEqual(moved);
    expect(idsIn(snapshotWith({ reseed: 0 }))).toEqual(dealt);
  });

  test("pin replaces the deal, in the order written, each target once", () => {
    const shard = shardIn(snapshotWith({ pin: "backend_7, backend_2,backend_7" }));
    expect(shard.how).toBe("pin");
    expect(shard.pool.at(shard.members).map(({ id }) => id)).toEqual(["backend_7", "backend_2"]);
  });

  test("a pin holds in pools that have its targets, and nowhere else", () => {
    expect(idsIn(snapshotWith({ pin: "backend_7" }), "acme", "ward")).toEqual(idsIn(usual, "acme", "ward"));
  });

  test("avoid weighs a target 0 for this customer before the size is taken: the shard stays whole, the other members stay", () => {
    const [gone = ""] = dealt;
    const ids = idsIn(snapshotWith({ avoid: gone }));
    expect(ids).toHaveLength(3);
    expect(ids).not.toContain(gone);
    expect(ids).toEqual(expect.arrayContaining(dealt.slice(1)));
    const eleven =
      usual.pools
        .get("backends")
        ?.targets.slice(1)
        .map(({ id }) => id) ?? [];
    expect(idsIn(snapshotWith({ avoid: eleven.join(","), shard_size: 5 }))).toEqual(["backend_0"]);
  });

  test("who avoids every target is dealt none", () => {
    const all = usual.pools.get("backends")?.targets.map(({ id }) => id) ?? [];
    expect(idsIn(snapshotWith({ avoid: all.join(",") }))).toEqual([]);
  });

  test("quarantine: 1 leaves the first target of its own deal, alone", () => {
    const shard = shardIn(snapshotWith({ quarantine: 1, spill: 2 }));
    expect(shard.how).toBe("quarantine");
    expect(shard.pool.at(shard.members).map(({ id }) => id)).toEqual(dealt.slice(0, 1));
    expect(spillOf("acme", shard)).toEqual([]); // nor does it spill
  });

  test("quarantine: <pool> deals it a shard of that pool", () => {
    const shard = shardIn(snapshotWith({ quarantine: "ward" }));
    expect(shard.pool.name).toBe("ward");
    expect(shard.pool.at(shard.members).map(({ id }) => id)).toEqual(idsIn(usual, "acme", "ward"));
  });

  test("quarantine comes before pin, and pin before the deal", () => {
    expect(idsIn(snapshotWith({ quarantine: 1, pin: "backend_7", shard_size: 5 }))).toEqual(dealt.slice(0, 1));
    expect(idsIn(snapshotWith({ pin: "backend_7", shard_size: 5 }))).toEqual(["backend_7"]);
  });

  test("<pool>/x counts in that pool, before x", () => {
    const snapshot = snapshotWith({ shard_size: 4, "backends/shard_size": 6 });
    expect(idsIn(snapshot)).toHaveLength(6);
    expect(idsIn(snapshot, "acme", "ward")).toHaveLength(4);
  });

  test("changes nobody else's shard", () => {
    const snapshot = snapshotWith({ shard_size: 5, reseed: 7, avoid: "backend_3" });
    for (const customer of ["bolt", "Acme", "acme ", ""]) expect(idsIn(snapshot, customer)).toEqual(idsIn(usual, customer));
  });

  test("holds for the bytes of its id: other letters are another customer", () => {
    const snapshot = snapshotOf({ pools, customers: { café: { shard_size: 5 } } });
    expect(idsIn(snapshot, "caf\xc3\xa9")).toHaveLength(5);
    expect(idsIn(snapshot, "caf\xe9")).toHaveLength(3);
  });
});

describe("what a shard spills to", () => {
  test("is nothing unless it is allowed", () => {
    expect(spillOf("acme", shardIn(usual))).toEqual([]);
  });

  test("is the next of the customer's rank order that are no members, as many as allowed", () => {
    const shard = shardIn(snapshotWith({ spill: 4 }));
    const rank = shard.pool.dealer.rank("acme");
    expect(spillOf("acme", shard)).toEqual(rank.filter((place) => !shard.members.includes(place)).slice(0, 4));
    expect(spillOf("acme", shard)).toHaveLength(4);
  });

  test("is the same in a large pool, of which not everything is ranked", () => {
    const many = Array.from({ length: 2_000 }, (_, index) => ({ id: `t${index}`, zone: "abc"[index % 3], weight: 50 + (index % 4) * 50 }));
    for (const zones of ["plain", "min", "spread"]) {
      const snapshot = snapshotOf({ pools: { p: { targets: many, shard: { size: 4, salt: "s", zones, spill: 7 } } } });
      const shard = shardIn(snapshot, "acme", "p");
      const all = shard.pool.dealer.rankValues("acme").map(({ place }) => place);
      expect(spillOf("acme", shard)).toEqual(all.filter((place) => !shard.members.includes(place)).slice(0, 7));
    }
  });

  test("is no more than there is", () => {
    expect(spillOf("acme", shardIn(snapshotWith({ spill: 100 })))).toHaveLength(9);
  });

  test("may be said of a whole pool", () => {
    const snapshot = snapshotOf({ pools: { backends: { ...pools.backends, shard: { ...pools.backends.shard, spill: 1 } } } });
    expect(spillOf("acme", shardIn(snapshot))).toHaveLength(1);
  });
});

test("there is no shard of a pool that does not exist", () => {
  expect(shardOf("acme", "nowhere", usual)).toBeUndefined();
});
