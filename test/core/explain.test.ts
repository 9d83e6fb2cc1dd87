import { describe, expect, test } from "vitest";
import { type Decision, decide } from "../../src/core/decide.ts";
import { explain } from "../../src/core/explain.ts";
import type { ShardExplanation } from "../../src/core/explain-shard.ts";
import { requestPolicies } from "../../src/core/policies.ts";
import type { Live } from "../../src/core/verdict.ts";
import { bare, ejecting, exchange } from "../support/exchange.ts";
import { snapshotOf } from "../support/rules.ts";

const targets = Array.from({ length: 9 }, (_, index) => ({ id: `t${index}`, zone: "abc"[index % 3] }));

function decisionWith(shard: object, tuning: object = {}, live: Live = ejecting(), more: object = {}): Decision {
  const pools = { p: { targets: [...targets, { id: "idle", weight: 0 }], shard: { size: 3, salt: "s", ...shard }, ...more } };
  const snapshot = snapshotOf({ pools, customers: { acme: tuning } });
  const request = exchange({ ":authority": "a.example", ":path": "/", "x-customer-id": "acme" });
  return decide(requestPolicies, request, snapshot, bare(live)) as Decision;
}
function shardOf(shard: object, tuning?: object): ShardExplanation {
  const explained = explain(decisionWith(shard, tuning)).shard;
  if (explained === undefined) throw new Error("no shard was dealt");
  return explained;
}
const why = ({ targets: all }: ShardExplanation, id: string | undefined): string | undefined => all.find((target) => target.id === id)?.why;

describe("every target of the pool is there, with why it was taken or passed over", () => {
  test.each([{ zones: "plain" }, { zones: "min", min_zones: 3 }, { zones: "spread" }])("%j", (shard) => {
    const explained = shardOf(shard);
    expect(explained.targets.map(({ id }) => id).toSorted()).toEqual([...targets.map(({ id }) => id), "idle"].toSorted());
    expect(
      explained.targets
        .filter(({ taken }) => taken)
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(explained.members.toSorted());
    expect(explained.members).toHaveLength(3);
    expect(explained.targets.slice(0, 9).map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const scores = explained.targets.slice(0, 9).map(({ score }) => score ?? Number.NaN);
    expect(scores).toEqual(scores.toSorted((a, b) => a - b));
    expect(why(explained, "idle")).toBe("weight 0: dealt to nobody");
  });

  test("plain: the first in rank order, and then the shard was full", () => {
    const { targets: all } = shardOf({ zones: "plain" });
    expect(all.map(({ why: reason }) => reason)).toEqual([
      ...Array(3).fill("in rank order"),
      ...Array(6).fill("the shard was full"),
      "weight 0: dealt to nobody",
    ]);
  });

  test("min zones: one that ranks before a member and is none has a zone that was taken", () => {
    const reasons = Array.from({ length: 40 }, (_, reseed) => shardOf({ min_zones: 3 }, { reseed })).map(({ targets: all }) => {
      const last = all.findLastIndex(({ taken }) => taken);
      return all.slice(0, last).filter(({ taken }) => !taken);
    });
    const passed = reasons.flat();
    expect(passed.length).toBeGreaterThan(10);
    for (const { why: reason } of passed) expect(reason).toMatch(/^its zone has a member already/);
  });

  test("what an operator said of the customer", () => {
    const [first = ""] = shardOf({}).members;
    expect(why(shardOf({}, { avoid: first }), first)).toBe("avoided by this customer");
    expect(why(shardOf({}, { pin: "t8" }), "t8")).toBe("pinned");
    expect(why(shardOf({}, { pin: "t8" }), "t7")).toBe("not among the pins");
    const quarantined = shardOf({}, { quarantine: 1 });
    expect(quarantined).toMatchObject({ how: "quarantine", size: 1, members: [first] });
    expect(why(quarantined, first)).toMatch(/^quarantine/);
    expect(shardOf({}, { spill: 2 }).spill).toHaveLength(2);
  });

  test("what the instance that explains sees of them", () => {
    const decision = decisionWith({});
    const { shard } = explain(decision, { live: ({ pool }) => ejecting(pool.targets.findIndex(({ id }) => id === "t4")) });
    expect(shard?.targets.filter(({ isEjected }) => isEjected).map(({ id }) => id)).toEqual(["t4"]);
  });
});

describe("what two customers share", () => {
  test("is named: the same customer shares all, another one what both have", () => {
    const decision = decisionWith({});
    const members = explain(decision).shard?.members ?? [];
    expect(explain(decision, { other: "acme" }).overlap).toEqual({ other: "acme", members, shared: members });
    const others = Array.from({ length: 50 }, (_, index) => explain(decision, { other: `customer-${index}` }).overlap);
    for (const overlap of others) {
      expect(overlap?.members).toHaveLength(3);
      expect(overlap?.shared).toEqual(overlap?.members.filter((id) => members.includes(id)));
    }
    expect(new Set(others.map((overlap) => overlap?.shared.length)).size).toBeGreaterThan(2);
  });
});

test("the order of the targets that may serve is shown, and whether they are of the shard", () => {
  expect(explain(decisionWith({}))).toMatchObject({ order: [expect.stringMatching(/^t\d$/)], isSpilled: false });
  const down = ejecting(...(decisionWith({}).exchange.known.picked?.pool.deal("acme") ?? []));
  const spilled = explain(decisionWith({ spill: 1 }, {}, down));
  expect(spilled).toMatchObject({ isSpilled: true, order: spilled.shard?.spill });
  expect(decisionWith({ spill: 1 }, {}, down).metadata).toEqual([{ namespace: "riffle", key: "spilled", value: true }]);
});

describe("routes", () => {
  const virtual_hosts = [
    {
      hosts: ["*.example"],
      routes: [
        { match: { path: "/health" }, target: { cluster: "t0" } },
        { match: { prefix: "/", methods: ["PUT"] }, target: { pool: "p" } },
        { name: "all", target: { redirect: { scheme: "https" } } },
      ],
    },
  ];
  const explained = (authority: string) => {
    const snapshot = snapshotOf({ pools: { p: { targets } }, virtual_hosts });
    const request = exchange({ ":method": "GET", ":authority": authority, ":path": "/x" });
    return explain(decide(requestPolicies, request, snapshot, bare()) as Decision);
  };

  test("the virtual host, why each earlier route did not match, and the one that did", () => {
    expect(explained("a.example")).toMatchObject({
      host: "*.example",
      route: "all",
      passedOver: [
        { route: "*.example#0", why: "path /x is not /health" },
        { route: "*.example#1", why: "method GET is not PUT" },
      ],
      answer: { status: 301, why: "redirect", headers: [{ name: "location", value: "https://a.example/x" }] },
    });
  });

  test("an authority that no virtual host is meant for", () => {
    expect(explained("elsewhere")).toMatchObject({ host: undefined, route: undefined, passedOver: [], answer: { status: 404 } });
  });
});
