import { expect, test } from "vitest";
import { explainRegion } from "../../src/core/explain-region.ts";
import type { RegionFact } from "../../src/core/verdict.ts";
import { discoveryOf, regionOf } from "../support/discovery.ts";
import { exchange } from "../support/exchange.ts";
import { routeOf } from "../support/route.ts";

const lines = { ":authority": "A.example:80" };
const known = { route: routeOf({ region: regionOf() }), region: "us-east" };
const saying = (region: string | undefined, how: RegionFact["how"]) => () => ({ region, how });

test("a route without a region has none to explain", () => {
  expect(explainRegion(exchange(lines, { route: routeOf() }), saying("us-east", "asked"))).toBeUndefined();
});

test.each([
  { name: "allowed", region: "us-east", how: "table", isAllowed: true },
  { name: "not allowed", region: "mars\n", how: "asked", isAllowed: false },
  { name: "none", region: undefined, how: "failed", isAllowed: false },
] as const)("the key, what was found and whether it counts: $name", ({ region, how, isAllowed }) => {
  const found = region?.replace("\n", "\\x0a");
  expect(explainRegion(exchange(lines, known), saying(region, how))).toEqual({
    ...{ region: "us-east", discovery: "main", key: "a.example", found, how, isAllowed },
  });
});

test("without a key nothing is asked", () => {
  const route = routeOf({ region: regionOf({ discovery: discoveryOf({ key: { kind: "customer" } }), fallback: undefined }) });
  const explained = explainRegion(exchange(lines, { route }), () => expect.unreachable());
  expect(explained).toMatchObject({ region: undefined, key: undefined, found: undefined, how: undefined });
});
