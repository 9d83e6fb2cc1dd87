import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { DiscoveryRules } from "../../src/core/route-rules.ts";
import { FAREWELL_MS } from "../../src/store/farewell.ts";
import { quietRegion, RegionFacts } from "../../src/store/regions.ts";
import { discoveryOf, serviceOf, storeOf } from "../support/discovery.ts";
import { found, garbled, ScriptedLine, silent } from "./regions/scripted.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const key = "a.example";
const fresh = { region: "eu-west", how: "fresh" };
const failed = { region: undefined, how: "failed" };

/** Regions with a line for each service that was opened, and what was reported. */
function openRegions() {
  const lines: ScriptedLine[] = [];
  const reports: (readonly [string, boolean])[] = [];
  const regions = new RegionFacts({
    now: () => 0,
    draw: () => 0,
    report: (name, { isAnswering }) => reports.push([name, isAnswering]),
    open: () => {
      const line = new ScriptedLine().always(found("eu-west"));
      lines.push(line);
      return line;
    },
  });
  return { regions, lines, reports };
}

describe("a table", () => {
  const discovery = discoveryOf({ source: { kind: "table", table: new Map([[key, "eu-west"]]) } });

  test("answers bare, and opens nothing", () => {
    const { regions, lines } = openRegions();
    regions.follow([discovery]);
    expect(regions.region({ discovery, key })).toEqual({ region: "eu-west", how: "table" });
    expect(regions.region({ discovery, key: "other" })).toEqual({ region: undefined, how: "table" });
    expect(lines).toEqual([]);
  });

  test("answers where no service is asked, and services fail there", () => {
    expect(quietRegion({ discovery, key })).toEqual({ region: "eu-west", how: "table" });
    expect(quietRegion({ discovery: discoveryOf(), key })).toEqual(failed);
  });
});

describe("when the rules change", () => {
  const rules = (change: Partial<DiscoveryRules> = {}): DiscoveryRules => discoveryOf(change); // new objects each time, as after a reload

  test("a service whose rules are the same keeps what it knows", async () => {
    const { regions, lines } = openRegions();
    const before = rules();
    regions.follow([before]);
    await regions.region({ discovery: before, key });
    const after = rules();
    regions.follow([after]);
    expect(regions.region({ discovery: after, key })).toEqual(fresh);
    expect(regions.region({ discovery: before, key })).toEqual(fresh);
    await vi.advanceTimersByTimeAsync(FAREWELL_MS);
    expect(lines).toMatchObject([{ closed: 0 }]);
  });

  test.each<[string, Partial<DiscoveryRules>]>([
    ["another URL", { source: serviceOf({ url: { before: "http://127.0.0.1:2/", after: "" } }) }],
    ["another field", { source: serviceOf({ field: ["zone"] }) }],
    ["another ttl", { source: serviceOf({ ttlMs: 1 }) }],
    ["another key", { key: { kind: "customer" } }],
    ["another name", { name: "other" }],
    ["a table in the store", { source: storeOf() }],
  ])("%s is another service", async (_, change) => {
    const { regions, lines } = openRegions();
    const before = rules();
    regions.follow([before]);
    await regions.region({ discovery: before, key });
    const after = rules(change);
    regions.follow([after]);
    expect(regions.region({ discovery: after, key })).toBeInstanceOf(Promise);
    expect(lines).toHaveLength(2);
  });

  test("a service that no rules name any more serves who began with it, and is then closed", async () => {
    const { regions, lines } = openRegions();
    const before = rules();
    regions.follow([before]);
    regions.follow([]);
    expect(await regions.region({ discovery: before, key })).toEqual({ region: "eu-west", how: "asked" });
    await vi.advanceTimersByTimeAsync(FAREWELL_MS - 1);
    expect(lines[0]?.closed).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(lines[0]?.closed).toBe(1);
    expect(regions.counts().size).toBe(0);
  });

  test("rules that nobody followed have no service", () => {
    expect(openRegions().regions.region({ discovery: rules(), key })).toEqual(failed);
  });
});

test("close closes every connection once, those of former services too", async () => {
  const { regions, lines } = openRegions();
  regions.follow([discoveryOf({ name: "a" })]);
  regions.follow([discoveryOf({ name: "b" })]);
  await regions.close();
  await vi.advanceTimersByTimeAsync(FAREWELL_MS);
  expect(lines).toMatchObject([{ closed: 1 }, { closed: 1 }]);
});

test("what services were asked is counted by name, and their failing is reported by it", async () => {
  const { regions, lines, reports } = openRegions();
  const [a, b] = [discoveryOf({ name: "a" }), discoveryOf({ name: "b" })];
  regions.follow([a, b]);
  lines[1]?.always(garbled);
  await regions.region({ discovery: a, key });
  regions.region({ discovery: a, key });
  await regions.region({ discovery: b, key });
  expect(regions.counts().get("a")).toMatchObject({ calls: 1, waited: 1, fresh: 1, failures: 0 });
  expect(regions.counts().get("b")).toMatchObject({ calls: 1, waited: 1, failures: 1 });
  expect(reports).toEqual([["b", false]]);
});

test("that nothing is heard of the store is the store's to report, of a service the service's", async () => {
  const { regions, lines, reports } = openRegions();
  const all = [discoveryOf({ name: "stored", source: storeOf() }), discoveryOf({ name: "served" })];
  regions.follow(all);
  for (const line of lines) line.always(silent);
  for (const discovery of all) expect(await regions.region({ discovery, key })).toEqual(failed);
  expect(reports).toEqual([["served", false]]);
});

test("what the store says and nobody can use is reported by the discovery", async () => {
  const { regions, lines, reports } = openRegions();
  const discovery = discoveryOf({ name: "stored", source: storeOf() });
  regions.follow([discovery]);
  lines[0]?.always(garbled);
  await regions.region({ discovery, key });
  expect(reports).toEqual([["stored", false]]);
});
