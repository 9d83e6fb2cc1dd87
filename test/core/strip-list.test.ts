import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HeaderChange, RegionRules, Route } from "../../src/core/route-rules.ts";
import { createStripTest, isStripped, removableByReply, stripList } from "../../src/core/strip-list.ts";
import { routeOf } from "../support/route.ts";
import { pool, sampleRules, target } from "./envoy/sample.ts";

const change = (kind: HeaderChange["kind"], name: string): HeaderChange => ({ kind, name, value: { parts: [{ text: "1" }] } });
const regionIn = (header: string): RegionRules => ({
  discovery: { name: "d", key: { kind: "host" }, source: { kind: "table", table: new Map() } },
  header,
  allowed: ["eu"],
  fallback: undefined,
});

const list = stripList(sampleRules());
const written = [...list.names, ...list.prefixes.map((prefix) => `${prefix}anything`)];

describe("what belongs on the strip list", () => {
  test("every pool's output header is on it, whatever it is called", () => {
    const pools = new Map([
      ["a", pool("a", [target("one", 1)], "x-a")],
      ["b", pool("b", [target("two", 2)], "x-b")],
    ]);
    expect(stripList(sampleRules({ pools })).names).toEqual(expect.arrayContaining(["x-a", "x-b", "x-target-cluster"]));
  });

  test.each([
    ["x-customer-id", "x-customer-id", "x-target-cluster", false],
    ["another header", "x-tenant", "x-target-cluster", true],
    ["x-customer-id, in which a pool also names its cluster", "x-customer-id", "x-customer-id", true],
  ])("x-customer-id, when the customer is read from %s", (_, source, output, expected) => {
    const pools = new Map([["a", pool("a", [target("one", 1)], output)]]);
    const rules = sampleRules({ pools, customer: { from: [{ header: source }], missing: "reject" } });
    expect(isStripped(stripList(rules), "x-customer-id")).toBe(expected);
  });

  test.each<[string, Partial<Route>, boolean]>([
    ["say a region in it", { region: regionIn("x-plan") }, true],
    ["set it", { request: [change("set", "x-plan")] }, true],
    ["add to it, which leaves what the client said", { request: [change("add", "x-plan")] }, false],
    ["remove it", { request: [change("remove", "x-plan")] }, false],
    ["set it in responses", { response: [change("set", "x-plan")] }, false],
    ["are sent by it", { target: { kind: "header", header: "x-plan", allowed: undefined } }, true],
    ["let clients choose by it", { target: { kind: "header", header: "x-plan", allowed: new Map() } }, false],
  ])("a header is on it where routes %s: %s", (_, route, expected) => {
    const virtualHosts = [
      { hosts: ["a"], routes: [routeOf()] },
      { hosts: ["b"], routes: [routeOf(), routeOf(route)] },
    ];
    expect(isStripped(stripList(sampleRules({ virtualHosts })), "X_Plan")).toBe(expected);
  });

  test("`region` is on it even where no route says one", () => {
    expect(isStripped(list, "Region")).toBe(true);
  });

  test.each(["accept", "accept-encoding", "authorization", "content-type", "cookie", "if-none-match", "range", "user-agent"])(
    "%s is the client's on every other route where one route sets it",
    (name) => {
      const virtualHosts = [{ hosts: ["a"], routes: [routeOf({ request: [change("set", name)] })] }];
      expect(isStripped(stripList(sampleRules({ virtualHosts })), name)).toBe(false);
    },
  );

  test("and yet it is not the client's where a route is sent by it: Envoy obeys it on every route", () => {
    const route = routeOf({
      request: [change("set", "authorization")],
      target: { kind: "header", header: "authorization", allowed: undefined },
    });
    expect(isStripped(stripList(sampleRules({ virtualHosts: [{ hosts: ["a"], routes: [route] }] })), "authorization")).toBe(true);
  });

  test("no name is on it twice", () => {
    expect(new Set(list.names)).toHaveLength(list.names.length);
  });
});

describe("what a client sends", () => {
  test.each(written)("%s goes", (name) => {
    expect(isStripped(list, name)).toBe(true);
  });

  test("it goes in any letter case, and with _ for any of its dashes", () => {
    const isForged = createStripTest(list);
    const disguise = fc
      .tuple(fc.constantFrom(...written), fc.infiniteStream(fc.integer({ min: 0, max: 2 })))
      .map(([name, dice]) =>
        [...name]
          .map((char) => ((roll) => (roll === 0 ? char : roll === 1 ? char.toUpperCase() : char.replace("-", "_")))(dice.next().value))
          .join(""),
      );
    fc.assert(fc.property(disguise, (name) => isForged(name)));
  });

  test("an output header that is written with _ goes with - too", () => {
    const pools = new Map([["a", pool("a", [target("one", 1)], "x_cluster")]]);
    const isForged = createStripTest(stripList(sampleRules({ pools })));
    expect(["x_cluster", "x-cluster", "X_Cluster"].map(isForged)).toEqual([true, true, true]);
  });

  test("the header that the customer is read from stays, and its look-alikes go", () => {
    const isForged = createStripTest(list);
    expect(["x-customer-id", "X-Customer-Id", "x_customer_id", "x-customer_id"].map(isForged)).toEqual([false, false, true, true]);
  });

  test("a look-alike of a source goes, though it begins as another source does", () => {
    const from = [{ header: "x-tenant" }, { header: "x-tenant-id" }];
    const isForged = createStripTest(stripList(sampleRules({ customer: { from, missing: "reject" } })));
    expect(["x-tenant", "x-tenant-id", "x-tenant_id", "x_tenant"].map(isForged)).toEqual([false, false, true, true]);
  });

  test.each([
    "",
    "x",
    ":path",
    ":authority",
    "accept",
    "x-customer-id",
    "x-target-clusters",
    "x-target-cluste",
    "x-riffl",
    "x-request-id",
    "x-forwarded-for",
    "x-envoy-attempt-count",
    "regions",
    "client-cert-",
    "host",
    "x-tärget-cluster",
  ])("%j stays", (name) => {
    expect(isStripped(list, name)).toBe(false);
  });
});

test("riffle's reply can remove everything on the list but Envoy's own names", () => {
  expect(written.filter((name) => !removableByReply(name))).toEqual(["x-envoy-original-path", "x-envoy-auth-anything"]);
});
