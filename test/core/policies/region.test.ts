import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide } from "../../../src/core/decide.ts";
import type { Exchange, Known } from "../../../src/core/exchange.ts";
import { MAX_KEY_BYTES, region } from "../../../src/core/policies/region.ts";
import { requestPolicies } from "../../../src/core/policies.ts";
import type { DiscoveryKey, RegionRules } from "../../../src/core/route-rules.ts";
import type { RegionFact, Verdict } from "../../../src/core/verdict.ts";
import { quietLive } from "../../../src/store/live.ts";
import { createOracle } from "../../../src/store/oracle.ts";
import { quietRegion } from "../../../src/store/regions.ts";
import { discoveryOf, regionOf } from "../../support/discovery.ts";
import { exchange } from "../../support/exchange.ts";
import { routeOf } from "../../support/route.ts";
import { eight, snapshotOf } from "../../support/rules.ts";

const snapshot = snapshotOf({ pools: { backends: eight } });

type Lines = readonly (readonly [string, string])[];
const onRoute = (rules: RegionRules | undefined, lines: Lines, known: Known = {}): Exchange =>
  exchange(lines, { ...known, route: routeOf({ region: rules }) });

const HOST: Lines = [[":authority", "a.example"]];
const verdictOn = (exchange: Exchange): Verdict => region(exchange, snapshot);

/** What is asked about; undefined when nothing is. */
function keyOf(key: DiscoveryKey, lines: Lines, known: Known = {}): string | undefined {
  const verdict = verdictOn(onRoute(regionOf({ discovery: discoveryOf({ key }) }), lines, known));
  return verdict.kind === "ask" && verdict.about === "region" ? verdict.question.key : undefined;
}

function saidOf(found: string | undefined, rules = regionOf(), how: RegionFact["how"] = "asked"): Verdict {
  const verdict = verdictOn(onRoute(rules, HOST));
  if (verdict.kind !== "ask" || verdict.about !== "region") throw new Error("nothing was asked");
  return verdict.next({ region: found, how });
}

const says = (value: string, header = "region") => ({ kind: "adjust", edits: [{ name: header, value }], known: { region: value } });

test("a route without a region is passed", () => {
  expect(verdictOn(onRoute(undefined, HOST)).kind).toBe("pass");
  expect(verdictOn(exchange(HOST)).kind).toBe("pass");
});

describe("what is looked up", () => {
  test.each<[string, DiscoveryKey, Lines, string | undefined]>([
    ["a host", { kind: "host" }, HOST, "a.example"],
    ["a host in capitals", { kind: "host" }, [[":authority", "A.Example"]], "a.example"],
    ["a host with a port", { kind: "host" }, [[":authority", "a.example:8443"]], "a.example"],
    ["a host with an empty port", { kind: "host" }, [[":authority", "a.example:"]], "a.example"],
    ["an IPv6 address", { kind: "host" }, [[":authority", "[2001:DB8::1]"]], "[2001:db8::1]"],
    ["an IPv6 address with a port", { kind: "host" }, [[":authority", "[2001:db8::1]:80"]], "[2001:db8::1]"],
    ["bytes beyond ASCII as they are", { kind: "host" }, [[":authority", "\xc9.example"]], "\xc9.example"],
    ["no authority", { kind: "host" }, [], undefined],
    ["a port alone", { kind: "host" }, [[":authority", ":80"]], undefined],
    [
      "a header's first line",
      { kind: "header", header: "x-org" },
      [
        ["x-org", "Acme:1"],
        ["x-org", "bolt"],
      ],
      "Acme:1",
    ],
    ["no such header", { kind: "header", header: "x-org" }, HOST, undefined],
    ["an empty header", { kind: "header", header: "x-org" }, [["x-org", ""]], undefined],
    ["no customer", { kind: "customer" }, HOST, undefined],
    ["the longest key", { kind: "header", header: "x-org" }, [["x-org", "k".repeat(MAX_KEY_BYTES)]], "k".repeat(MAX_KEY_BYTES)],
    ["a longer one", { kind: "header", header: "x-org" }, [["x-org", "k".repeat(MAX_KEY_BYTES + 1)]], undefined],
  ])("%s", (_, key, lines, expected) => {
    expect(keyOf(key, lines)).toBe(expected);
  });

  test("the customer", () => {
    expect(keyOf({ kind: "customer" }, HOST, { customer: "acme" })).toBe("acme");
  });
});

describe("what is said", () => {
  test("an allowed region stands in the header, and is known", () => {
    expect(saidOf("eu-west")).toEqual(says("eu-west"));
    expect(saidOf("eu-west", regionOf({ header: "x-region" }))).toEqual(says("eu-west", "x-region"));
  });

  test.each<[string, string | undefined]>([
    ["none", undefined],
    ["one that the route does not allow", "mars"],
    ["the empty one", ""],
    ["another letter case", "EU-WEST"],
    ["an allowed one with a space", "eu-west "],
    ["a second header behind an allowed one", "eu-west\r\nx: y"],
    ["a property of every object", "__proto__"],
  ])("for %s the fallback, or 503 where there is none", (_, found) => {
    expect(saidOf(found)).toEqual(says("us-east"));
    expect(saidOf(found, regionOf({ fallback: undefined }))).toMatchObject({ kind: "answer", status: 503, why: "no region" });
  });

  test("without a key the same, and nothing is asked", () => {
    expect(verdictOn(onRoute(regionOf(), []))).toEqual(says("us-east"));
    expect(verdictOn(onRoute(regionOf({ fallback: undefined }), []))).toMatchObject({ kind: "answer", status: 503 });
  });

  test("nothing but an allowed region ever stands in the header, whatever comes back", () => {
    const allowed = ["us-east", "eu-west"];
    const near = fc.tuple(fc.constantFrom(...allowed), fc.string({ unit: "binary" })).map(([name, more]) => name + more);
    const anything = fc.option(fc.oneof(fc.string({ unit: "binary" }), near, fc.constantFrom(...allowed)), { nil: undefined });
    fc.assert(
      fc.property(anything, (found) => {
        const verdict = saidOf(found);
        const values = verdict.kind === "adjust" ? verdict.edits?.map(({ value }) => value) : [];
        expect(values).toEqual([found !== undefined && allowed.includes(found) ? found : "us-east"]);
      }),
    );
  });

  test("one route says one region with one and the same edit, so that replies can be shared", () => {
    const rules = regionOf();
    expect(saidOf("eu-west", rules)).toBe(saidOf("eu-west", rules));
    expect(saidOf("mars", rules)).toBe(saidOf(undefined, rules));
    expect(saidOf("eu-west", rules)).not.toBe(saidOf("eu-west", regionOf()));
  });
});

test("a region that a table knows is said in the same tick, over whatever the client sent", () => {
  const table = discoveryOf({ source: { kind: "table", table: new Map([["a.example", "eu-west"]]) } });
  const oracle = createOracle({ live: quietLive, region: quietRegion });
  const request = onRoute(regionOf({ discovery: table }), [...HOST, ["region", "mars"]]);
  const decision = decide([region], request, snapshot, oracle);
  expect(decision).toMatchObject({ edits: [{ name: "region", value: "eu-west" }], exchange: { known: { region: "eu-west" } } });
});

test("the region is found once the customer is known, and before a shard is dealt", () => {
  const names = requestPolicies.map(({ name }) => name);
  expect(names.indexOf("region")).toBeGreaterThan(names.indexOf("customer"));
  expect(names.indexOf("region")).toBeLessThan(names.indexOf("shard"));
});
