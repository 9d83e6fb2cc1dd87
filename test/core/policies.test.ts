import fc from "fast-check";
import { expect, test } from "vitest";
import { type Decision, decide } from "../../src/core/decide.ts";
import { parseRules } from "../../src/core/parse-rules.ts";
import { requestPolicies, responsePolicies } from "../../src/core/policies.ts";
import { Snapshot } from "../../src/core/snapshot.ts";
import { encodeDecision, encodeResponse } from "../../src/wire/ext-proc.ts";
import { bare, ejecting, exchange } from "../support/exchange.ts";

const variable = fc.constantFrom(
  "{path}{path}{path}",
  "{id}",
  "{rest}",
  "{customer}",
  "{host}",
  "{path}",
  "{pool}",
  "{region}",
  "{route}",
  "{target}",
  "{version}",
);
const value = fc
  .array(fc.oneof(variable, fc.constantFrom("a", " ", "é", "{{", "}}", "/")), { maxLength: 5 })
  .map((parts) => parts.join(""));
const name = fc.constantFrom("X-A", "x-a", "x-b", "cookie", "location", "content-type", "region", "x-to", "x-customer-id");
const changes = fc.record(
  {
    set: fc.dictionary(name, value, { maxKeys: 2 }),
    add: fc.dictionary(name, value, { maxKeys: 2 }),
    remove: fc.array(name, { maxLength: 2 }),
  },
  { requiredKeys: [] },
);
const destination = fc.constantFrom({ pool: "p" }, { cluster: "red" });
const target = fc.oneof(
  destination,
  fc
    .array(fc.tuple(fc.nat(2), destination), { minLength: 1, maxLength: 3 })
    .map((all) => ({ split: all.map(([weight, to]) => ({ weight, ...to })) })),
  fc.constantFrom(
    { header: "x-where", allowed: ["red"] },
    { header: "region" },
    { header: "x-to" },
    { direct_response: { status: 200, body: "é" } },
  ),
  fc.record({
    redirect: fc.record({ scheme: fc.constantFrom("http", "https"), path: value.map((path) => `/${path}`) }, { requiredKeys: ["scheme"] }),
  }),
);
const region = fc.constantFrom(
  { discovery: "d", allowed: ["red"] },
  { discovery: "d", allowed: ["red", "blue"], fallback: "red", header: "x-home" },
);
const match = fc.constantFrom({ template: "/{id}/{rest=**}" }, { prefix: "/" });
const route = fc.record({ match, target, region, request: changes, response: changes }, { requiredKeys: ["target"] });

/** Files of one route, those that are accepted. */
const snapshots = fc
  .tuple(route, fc.constantFrom("reject", "anonymous", "pass"))
  .map(([written, missing]) =>
    parseRules(
      {
        clusters: { red: [], blue: [] },
        customer: { missing },
        pools: { p: { targets: [{ id: "t0" }, { id: "t1" }] } },
        discovery: { d: { table: { acme: "red", bolt: "blue" }, by: "customer" } },
        virtual_hosts: [{ routes: [written] }],
      },
      "/",
    ),
  )
  .filter((parsed) => "rules" in parsed)
  .map(({ rules }) => new Snapshot(rules));

const bytes = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)), maxLength: 30 });
const hostile = fc.oneof(
  bytes,
  fc.constantFrom(
    "",
    "acme",
    "red",
    "//evil.com",
    "/a/b?c",
    "a\r\nb: c",
    `/7/${"x".repeat(20_000)}`,
    `/7/${"x".repeat(20_000)}`,
    "{id}",
    "%0d%0a",
  ),
);
const header = fc.constantFrom(":authority", ":path", ":scheme", "x-customer-id", "x-where", "region", "x-to");
const usual: readonly (readonly [string, string])[] = [
  [":path", "/7/a"],
  [":authority", "a.com"],
  [":method", "GET"],
];
const request = fc
  .array(fc.tuple(header, hostile), { maxLength: 8 })
  .map((lines): readonly (readonly [string, string])[] => [...lines, ...usual]); // the first of a name counts

const huge: readonly (readonly [string, string])[] = [[":path", `/7/${"x".repeat(20_000)}`], ["x-customer-id", "acme"], ...usual];

test("no file that is accepted lets a request break a policy, or make a reply that Envoy would fail", () => {
  const oracle = bare(ejecting(), { region: "red", how: "table" });
  fc.assert(
    fc.property(snapshots, request, fc.nat(2 ** 32 - 1), (snapshot, any, chance) => {
      for (const lines of [any, huge]) {
        const decision = decide(requestPolicies, exchange(lines, {}, chance), snapshot, oracle) as Decision;
        expect(decision.broken).toBeUndefined();
        expect(encodeDecision(decision).length).toBeLessThan(MOST_BYTES);
        const response = decide(responsePolicies, decision.exchange, snapshot, oracle) as Decision;
        expect(response.broken).toBeUndefined();
        expect(encodeResponse(response.edits).length).toBeLessThan(MOST_BYTES);
      }
    }),
    { numRuns: 500 },
  );
});

/** 16 KiB of variables, and as much for what is constant here and the frame around it all. */
const MOST_BYTES = 32 * 1024;
