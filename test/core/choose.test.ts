import { describe, expect, test } from "vitest";
import { choose } from "../../src/core/choose.ts";
import { requestKey } from "../../src/core/deal/key.ts";
import { pickOrder } from "../../src/core/deal/pick.ts";
import type { Picked } from "../../src/core/exchange.ts";
import { type Shard, shardOf } from "../../src/core/shard.ts";
import type { Live } from "../../src/core/verdict.ts";
import { ejecting, exchange } from "../support/exchange.ts";
import { snapshotOf } from "../support/rules.ts";

const IDS = Array.from({ length: 10 }, (_, index) => `t${index}`);
const CHANCES = Array.from({ length: 20_000 }, (_, index) => Math.imul(index, 0x9e3779b9) >>> 0);

function shardWith(shard: object, customer = "acme", states: Record<string, string> = {}, weights: Record<string, number> = {}): Shard {
  const targets = IDS.map((id) => ({ id, state: states[id] ?? "active", weight: weights[id] ?? 100 }));
  const found = shardOf(customer, "p", snapshotOf({ pools: { p: { targets, shard: { size: 3, salt: "s", ...shard } } } }));
  if (found === undefined) throw new Error("no pool");
  return found;
}
const idsOf = ({ pool, members }: Shard): readonly string[] => pool.at(members).map(({ id }) => id);
const pick = (shard: Shard, live: Live = ejecting(), lines: Record<string, string> = {}, chance = 0): Picked | undefined =>
  choose(shard, { exchange: exchange(lines, {}, chance), customer: "acme", live });
const firstOf = (picked: Picked | undefined): string | undefined => picked?.order[0]?.id;

/** How often each target was first, over many chances. */
function counts(shard: Shard, live?: Live, lines?: Record<string, string>): ReadonlyMap<string | undefined, number> {
  const found = new Map<string | undefined, number>();
  for (const chance of CHANCES) {
    const id = firstOf(pick(shard, live, lines, chance));
    found.set(id, (found.get(id) ?? 0) + 1);
  }
  return found;
}
const share = (found: ReadonlyMap<string | undefined, number>, id: string | undefined): number => (found.get(id) ?? 0) / CHANCES.length;
const loads = (byId: Record<string, number>, shard: Shard): Live => ({
  ...ejecting(),
  inFlight: (place) => byId[shard.pool.targets[place]?.id ?? ""] ?? 0,
});

describe("whatever the pick, it is a member of the shard that is up", () => {
  test.each([{}, { pick: "least_loaded" }, { pick: "affinity:path" }, { weighted_pick: true }])("%j", (rules) => {
    const shard = shardWith(rules);
    const [gone = 0, ...kept] = shard.members;
    const found = counts(shard, ejecting(gone), { ":path": "/a" });
    const expected = shard.pool.at(kept).map(({ id }) => id);
    for (const id of found.keys()) expect(expected).toContain(id);
    expect(pick(shard, ejecting(...shard.members))).toBeUndefined();
  });
});

describe("random", () => {
  test("each member serves as often as the others, ejected ones aside", () => {
    const shard = shardWith({});
    for (const id of idsOf(shard)) expect(Math.abs(share(counts(shard), id) - 1 / 3)).toBeLessThan(0.01);
    const [gone = 0, ...kept] = shard.members;
    for (const { id } of shard.pool.at(kept)) expect(Math.abs(share(counts(shard, ejecting(gone)), id) - 1 / 2)).toBeLessThan(0.01);
  });

  test("with weighted_pick a target of four times the weight serves four times as often", () => {
    const [heavy = ""] = idsOf(shardWith({ size: "100%" }));
    const shard = shardWith({ size: "100%", weighted_pick: true }, "acme", {}, { [heavy]: 400 });
    expect(Math.abs(share(counts(shard), heavy) - 4 / 13)).toBeLessThan(0.01);
  });
});

describe("the state of a target", () => {
  const [first = "", second = "", third = ""] = idsOf(shardWith({}));

  test("changes no shard", () => {
    expect(idsOf(shardWith({}, "acme", { [first]: "down", [second]: "draining" }))).toEqual([first, second, third]);
  });
  test("draining: it serves only where no other member is up", () => {
    const shard = shardWith({}, "acme", { [first]: "draining" });
    expect(counts(shard).has(first)).toBe(false);
    expect(firstOf(pick(shard, ejecting(...shard.members.slice(1))))).toBe(first);
  });
  test("down: it never serves, alone or not", () => {
    const shard = shardWith({}, "acme", { [first]: "down" });
    expect(counts(shard).has(first)).toBe(false);
    expect(pick(shard, ejecting(...shard.members.slice(1)))).toBeUndefined();
  });
});

describe("least_loaded", () => {
  const shard = shardWith({ pick: "least_loaded" });
  const [busy = "", idle = "", other = ""] = idsOf(shard);

  test("the busiest of all is never picked, for one of any two is less busy", () => {
    expect(counts(shard, loads({ [busy]: 9, [idle]: 1, [other]: 1 }, shard)).has(busy)).toBe(false);
  });
  test("the least busy is picked whenever it is one of the two: two times in three", () => {
    expect(Math.abs(share(counts(shard, loads({ [busy]: 9, [idle]: 1, [other]: 5 }, shard)), idle) - 2 / 3)).toBeLessThan(0.01);
  });
  test("equally busy ones are picked equally often, not in any order", () => {
    for (const id of idsOf(shard)) expect(Math.abs(share(counts(shard), id) - 1 / 3)).toBeLessThan(0.01);
  });
  test("where one alone is left it is picked, however busy", () => {
    expect(firstOf(pick(shard, { ...loads({ [busy]: 99 }, shard), ...pickEjecting(shard.members.slice(1)) }))).toBe(busy);
  });
  function pickEjecting(places: readonly number[]): Pick<Live, "isEjected"> {
    return { isEjected: (place) => places.includes(place) };
  }
});

describe("affinity", () => {
  const shard = shardWith({ pick: "affinity:header:x-session" });
  const { pool, members } = shard;

  test("a key stays with the first of its pick order, whatever the chance", () => {
    for (let n = 0; n < 50; n++) {
      const [expected] = pickOrder(
        pool.dealer.keyOf("acme"),
        requestKey(`s${n}`),
        pool.at(members).map(({ member }) => member),
      );
      for (const chance of CHANCES.slice(0, 20))
        expect(firstOf(pick(shard, ejecting(), { "x-session": `s${n}` }, chance))).toBe(expected?.id);
    }
  });
  test("a lost member's keys go to the next of their order, and no other key moves", () => {
    const [gone = 0] = members;
    for (let n = 0; n < 200; n++) {
      const lines = { "x-session": `s${n}` };
      const before = firstOf(pick(shard, ejecting(), lines));
      const after = firstOf(pick(shard, ejecting(gone), lines));
      if (before === pool.targets[gone]?.id) expect(after).not.toBe(before);
      else expect(after).toBe(before);
    }
  });
  test("a request without the key is picked for by chance", () => {
    for (const id of idsOf(shard)) expect(Math.abs(share(counts(shard), id) - 1 / 3)).toBeLessThan(0.01);
  });
  test("former members hold the keys they had while they may, and get no request without one", () => {
    const large = shardWith({ pick: "affinity:header:x-session", size: 5 });
    const former = large.members.filter((place) => !members.includes(place));
    expect(former).toHaveLength(2);
    const graceful: Live = { ...ejecting(), formerOf: () => former };
    for (let n = 0; n < 200; n++) {
      const lines = { "x-session": `s${n}` };
      expect(firstOf(pick(shard, graceful, lines))).toBe(firstOf(pick(large, ejecting(), lines)));
    }
    for (const id of counts(shard, graceful).keys()) expect(idsOf(shard)).toContain(id);
  });
});

describe("when all of the shard is down", () => {
  test("it spills to the allowed targets beyond it, in health too, and says so", () => {
    const shard = shardWith({ spill: 2 });
    const rank = shard.pool.dealer.rank("acme").filter((place) => !shard.members.includes(place));
    const picked = pick(shard, ejecting(...shard.members));
    expect(picked?.isSpilled).toBe(true);
    expect(rank.slice(0, 2)).toContain(picked?.order[0]?.place);
    expect(firstOf(pick(shard, ejecting(...shard.members, rank[0] ?? -1)))).toBe(shard.pool.targets[rank[1] ?? -1]?.id);
    expect(pick(shard, ejecting(...shard.members, ...rank.slice(0, 2)))).toBeUndefined();
  });
  test("while a member is up nothing spills", () => {
    const shard = shardWith({ spill: 2 });
    const picked = pick(shard, ejecting(...shard.members.slice(1)));
    expect(picked).toMatchObject({ isSpilled: false, order: [{ place: shard.members[0] }] });
  });
});
