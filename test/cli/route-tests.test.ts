import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type RouteTestReport, renderRouteTests, runRouteTests } from "../../src/cli/route-tests.ts";
import { UserError } from "../../src/cli/user-error.ts";
import { Snapshot } from "../../src/core/snapshot.ts";
import { runRiffle } from "../support/riffle.ts";
import { eight, rulesOf } from "../support/rules.ts";

const document = {
  pools: { backends: eight },
  clusters: { health: ["127.0.0.1:7100"], "us-east": ["127.0.0.1:7101"], "eu-west": [] },
  discovery: { asked: { url: "http://127.0.0.1:9/{host}" } },
  virtual_hosts: [
    {
      hosts: ["*"],
      routes: [
        { match: { path: "/health" }, target: { cluster: "health" } },
        {
          name: "regional",
          match: { prefix: "/r/" },
          region: { discovery: "asked", allowed: ["us-east", "eu-west"], fallback: "us-east" },
          target: { header: "region" },
        },
        { name: "old", match: { path_separated_prefix: "/old" }, target: { redirect: { path: "/new" } } },
        { name: "rest", target: { pool: "backends" }, request: { set: { "x-who": "{customer}" } } },
      ],
    },
  ],
};
const rules = rulesOf(document);
const shard = new Snapshot(rules).pool("backends")?.shardOf("acme") ?? [];
const members = shard.map(({ id }) => id);

async function written(content: unknown): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "riffle-tests-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "routes.yaml");
  await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}
const run = async (content: unknown): Promise<RouteTestReport> => runRouteTests(await written(content), rules);

const asAcme = { url: "/a", headers: { "x-customer-id": "acme" } };

describe("every kind of expectation is held against the decision", () => {
  const rows: readonly (readonly [what: string, request: object, right: object, wrong: object])[] = [
    ["route", { url: "/health" }, { route: "*#0" }, { route: "rest" }],
    ["customer", asAcme, { customer: "acme" }, { customer: "bolt" }],
    ["pool", asAcme, { pool: "backends" }, { pool: "other" }],
    ["target", asAcme, { target: members.toReversed() }, { target: members.slice(1) }],
    ["target", { url: "/health" }, { target: "health" }, { target: ["health", "rest"] }],
    ["region", { url: "/r/a" }, { region: "us-east" }, { region: "eu-west" }],
    ["target", { url: "/r/a" }, { target: ["us-east"] }, { target: "region" }],
    ["status", { url: "/a" }, { status: 400 }, { status: 404 }],
    ["why", { url: "/a" }, { why: "no customer" }, { why: "no route" }],
    ["header x-who", asAcme, { headers: { "X-Who": "acme" } }, { headers: { "x-who": "bolt" } }],
    ["header location", { url: "http://h/old" }, { headers: { location: "http://h/new" } }, { headers: { location: "/new" } }],
  ];
  test.each(rows)("%s of %j", async (what, request, right, wrong) => {
    expect((await run([{ request, expect: right }])).failures).toEqual([]);
    const { failures } = await run([{ request, expect: wrong }]);
    expect(failures).toMatchObject([{ differences: [{}] }]);
    expect(failures[0]?.differences[0]?.what.toLowerCase()).toBe(what);
  });

  test("what a discovery service says is given; without, it does not answer", async () => {
    const request = { url: "/r/a" };
    const report = await run([
      { request, given: { region: "eu-west" }, expect: { region: "eu-west" } },
      { request, given: { region: "mars" }, expect: { region: "us-east" } },
      { request, expect: { region: "us-east" } },
    ]);
    expect(report.failures).toEqual([]);
  });
});

test("routes that no test's request takes are named, whatever the test expects", async () => {
  const report = await run([
    { request: { url: "/health" }, expect: { route: "wrong" } },
    { name: "nobody", request: { url: "/a" }, expect: { status: 400 } },
  ]);
  expect(report).toMatchObject({ tests: 2, unreached: ["regional", "old"] });
});

test("the report is a diff for each test that fails", () => {
  const differences = [
    { what: "route", expected: "users", actual: "rest" },
    { what: "customer", expected: "acme", actual: "none" },
  ];
  expect(renderRouteTests({ tests: 3, failures: [{ name: "acme reads", differences }], unreached: ["old", "users"] })).toBe(
    [
      "failed: acme reads",
      "  - route     users",
      "  + route     rest",
      "  - customer  acme",
      "  + customer  none",
      "route tests: 2 of 3 passed",
      "reached by none: old, users",
    ].join("\n"),
  );
});

test.each([
  ["- request: {url: 5}\n  expect: {route: a}", ":1:18: url must be text, but is a number; put it in quotes"],
  [
    "- request: {url: /}\n  expect: {}",
    ":2:11: expect must say something; name route, customer, region, pool, target, status, why or headers",
  ],
  ["- request: {url: /}\n  expects: {route: a}", ':2:3: unknown key "expects"; did you mean "expect"?'],
  ["[]", ":1:1: the document must list at least one"],
  ["a: 1", ":1:1: the document must be a list, but is a mapping"],
  ["- request: {url: ftp}\n  expect: {route: a}", '"ftp": not a URL; write http://host/path or /path'],
])("a file that is none is refused with its place: %j", async (content, message) => {
  const refusal = await run(content).catch((cause: unknown) => cause);
  expect(refusal).toBeInstanceOf(UserError);
  expect((refusal as UserError).message).toContain(message);
});

test("riffle check --tests ends with 0 when all pass, else with 1, and says the same as JSON", { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "riffle-tests-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "riffle.yaml"), JSON.stringify(document));
  await writeFile(join(folder, "good.yaml"), "- request: {url: /health}\n  expect: {target: health}\n");
  await writeFile(join(folder, "bad.yaml"), "- request: {url: /health}\n  expect: {target: home}\n");
  const check = (tests: string, ...more: string[]) =>
    runRiffle(["check", join(folder, "riffle.yaml"), "--tests", join(folder, tests), ...more]);
  const [good, bad, json, live] = await Promise.all([
    check("good.yaml"),
    check("bad.yaml"),
    check("bad.yaml", "--json"),
    check("good.yaml", "--live", "a:1"),
  ]);
  expect(good).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("route tests: 1 of 1 passed\nreached by none: regional, old, rest"),
  });
  expect(bad).toMatchObject({ code: 1, stdout: expect.stringContaining("  - target  home\n  + target  health") });
  expect(bad.stderr).toContain("1 of 1 route tests failed");
  expect(JSON.parse(json.stdout)).toMatchObject({ tests: 1, failures: [{ differences: [{ what: "target" }] }], routes: 4 });
  expect(live).toMatchObject({ code: 1, stderr: expect.stringContaining("give one of them") });
});
