import { describe, expect, test } from "vitest";
import { customer } from "../../../src/core/policies/customer.ts";
import type { HeaderChange, RegionRules, Route } from "../../../src/core/route-rules.ts";
import type { Snapshot } from "../../../src/core/snapshot.ts";
import { exchange } from "../../support/exchange.ts";
import { routeOf } from "../../support/route.ts";
import { eight, snapshotOf } from "../../support/rules.ts";

type Lines = readonly (readonly [string, string])[];

const rules = (missing: string): Snapshot =>
  snapshotOf({ customer: { from: [{ header: "x-org" }, { header: "x-customer-id" }], missing }, pools: { backends: eight } });
const toPool = routeOf();
const toCluster: Route = { ...toPool, target: { kind: "cluster", cluster: "health", output: {} } };

const verdictOn = (lines: Lines, missing = "reject", route = toPool) => customer(exchange(lines, { route }), rules(missing));

describe("the first source that yields a value wins, and every listed header then says so", () => {
  test.each<[string, Lines, string, Lines]>([
    ["the first alone", [["x-org", "acme"]], "acme", [["x-customer-id", "acme"]]],
    ["the second alone", [["x-customer-id", "bolt"]], "bolt", [["x-org", "bolt"]]],
    [
      "both",
      [
        ["x-org", "acme"],
        ["x-customer-id", "bolt"],
      ],
      "acme",
      [["x-customer-id", "acme"]],
    ],
    [
      "both alike: nothing to change",
      [
        ["x-org", "acme"],
        ["x-customer-id", "acme"],
      ],
      "acme",
      [],
    ],
    [
      "an empty value yields nothing",
      [
        ["x-org", ""],
        ["x-customer-id", "bolt"],
      ],
      "bolt",
      [["x-org", "bolt"]],
    ],
    [
      "nobody may call himself anonymous",
      [
        ["x-org", "anonymous"],
        ["x-customer-id", "bolt"],
      ],
      "bolt",
      [["x-org", "bolt"]],
    ],
    [
      "bytes that are no UTF-8 stay as received",
      [
        ["x-org", "a\xff\xfe"],
        ["x-customer-id", "a\xff\xfe"],
      ],
      "a\xff\xfe",
      [],
    ],
  ])("%s", (_, lines, expected, edits) => {
    expect(verdictOn(lines)).toEqual({
      kind: "adjust",
      known: { customer: expected },
      edits: edits.map(([name, value]) => ({ name, value })),
    });
  });
});

describe("a customer that cannot be told is refused with 400", () => {
  test.each<[string, Lines, string]>([
    ["none", [], "no customer"],
    ["an empty one", [["x-org", ""]], "no customer"],
    ["one that calls itself anonymous", [["x-org", "anonymous"]], "no customer"],
    [
      "a repeated header",
      [
        ["x-org", "acme"],
        ["x-org", "bolt"],
      ],
      "repeated customer header",
    ],
    [
      "a repeated header of a later source",
      [
        ["x-org", "acme"],
        ["x-customer-id", "a"],
        ["x-customer-id", "a"],
      ],
      "repeated customer header",
    ],
    ["257 bytes", [["x-org", "x".repeat(257)]], "customer id too long"],
    ["64 KiB", [["x-org", "x".repeat(65_536)]], "customer id too long"],
  ])("%s", (_, lines, why) => {
    expect(verdictOn(lines)).toEqual({ kind: "answer", status: 400, why });
  });

  test("256 bytes are not too long", () => {
    expect(verdictOn([["x-org", "x".repeat(256)]])).toMatchObject({ kind: "adjust" });
  });
});

describe("a request without a customer", () => {
  test("missing: anonymous makes it the one shared customer", () => {
    const headers = ["x-org", "x-customer-id"].map((name) => ({ name, value: "anonymous" }));
    expect(verdictOn([], "anonymous")).toEqual({ kind: "adjust", known: { customer: "anonymous" }, edits: headers });
  });

  test("missing: pass lets it go on without a shard, and without a header that says otherwise", () => {
    expect(verdictOn([["x-org", ""]], "pass")).toEqual({ kind: "adjust", edits: [{ name: "x-org", value: undefined }] });
  });

  test("is let through where the route goes to a fixed cluster", () => {
    expect(verdictOn([], "reject", toCluster)).toEqual({ kind: "pass" });
  });

  const home = { kind: "cluster", cluster: "home", output: {} } as const;
  const redirect = { kind: "redirect", status: 301, scheme: undefined, host: undefined, port: undefined, stripsQuery: false } as const;
  const says = (variable: string): HeaderChange => ({ kind: "set", name: "x-a", value: { parts: [{ text: "a" }, { variable }] } });
  const regionBy = (kind: "customer" | "host"): RegionRules => ({
    discovery: { name: "d", key: { kind }, source: { kind: "table", table: new Map() } },
    header: "region",
    allowed: ["eu"],
    fallback: undefined,
  });
  test.each<[string, Partial<Route>, boolean]>([
    ["goes to a pool", { target: { kind: "pool", pool: "backends" } }, true],
    ["splits the customers, be it between clusters", { target: { kind: "split", parts: [{ weight: 1, to: home }] } }, true],
    ["lets the client choose", { target: { kind: "header", header: "x-where", allowed: new Map() } }, false],
    ["answers", { target: { kind: "direct_response", status: 200, body: undefined } }, false],
    [
      "answers and names the customer",
      { target: { kind: "direct_response", status: 200, body: undefined }, response: [says("customer")] },
      true,
    ],
    ["redirects", { target: { ...redirect, path: undefined } }, false],
    ["redirects to a path", { target: { ...redirect, path: says("path").value } }, false],
    ["redirects to the customer's path", { target: { ...redirect, path: says("customer").value } }, true],
    ["tells the target the customer", { target: home, request: [says("path"), says("customer")] }, true],
    ["tells the client the customer", { target: home, response: [says("customer")] }, true],
    ["tells the target something else", { target: home, request: [says("path")], response: [says("host")] }, false],
    ["finds a region by customer", { target: home, region: regionBy("customer") }, true],
    ["finds a region by host", { target: home, region: regionBy("host") }, false],
  ])("is refused, or not, where the route %s", (_, route, isRefused) => {
    const verdict = verdictOn([], "reject", routeOf(route));
    expect(verdict).toEqual(isRefused ? { kind: "answer", status: 400, why: "no customer" } : { kind: "pass" });
  });
});
