import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { finish } from "../../src/core/steps.ts";
import { type Drive, RulesReader } from "../../src/store/rules-aside.ts";
import { readRules } from "../../src/store/rules-file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "riffle-aside-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const drive: Drive = async (steps) => finish(steps);
const reader = new RulesReader(drive);
afterAll(() => reader.close());

test.each([
  ["rules with their variables", { pools: { p: { targets: [{ id: "a" }], shard: { salt: `\${SALT}` } } } }],
  ["warnings", { pools: { p: { targets: [{ id: "a" }] }, q: { targets: [{ id: "b" }] } } }],
  ["problems", { polls: {}, pools: { p: { targets: [{ id: "a" }], shard: { salt: `\${UNSET}` } } } }],
  [
    "thousands of routes and targets",
    {
      pools: { p: { targets: Array.from({ length: 2_000 }, (_, index) => ({ id: `t${index}` })) } },
      virtual_hosts: [
        { routes: Array.from({ length: 2_000 }, (_, index) => ({ match: { prefix: `/${index}/` }, target: { pool: "p" } })) },
      ],
    },
  ],
])("%s read in a thread of its own are what would have been read here", async (_, document) => {
  const path = join(folder, "riffle.yaml");
  await writeFile(path, JSON.stringify(document));
  const env = { SALT: "pepper" };
  expect(await reader.read(path, env)).toEqual(await readRules(path, env));
});

test("a file that is not there is a problem", async () => {
  const path = join(folder, "none.yaml");
  expect(await reader.read(path, {})).toEqual(await readRules(path, {}));
});

test("an empty file is a problem: so a file looks that somebody has begun to write", async () => {
  const path = join(folder, "empty.yaml");
  for (const [content, isProblem] of [
    ["", true],
    ["# nothing yet\n", true],
    ["{}", false],
  ] as const) {
    await writeFile(path, content);
    const read = await reader.read(path, {});
    expect("problems" in read, content).toBe(isProblem);
    if ("problems" in read) expect(read.problems).toEqual([expect.stringMatching(/empty\.yaml:\d+:1: the file is empty, .*write \{\}/)]);
  }
});

test("a thread that cannot be started is a failed reading", async () => {
  const env = { NO_TEXT: (() => undefined) as unknown as string };
  expect(await reader.read(join(folder, "riffle.yaml"), env)).toEqual({
    problems: [expect.stringMatching(/riffle\.yaml: could not be read: .*could not be cloned/s)],
  });
});

test("what regions are found by is one thing in a route and in the list of discoveries", async () => {
  const path = join(folder, "regions.yaml");
  const discovery = { main: { url: "http://127.0.0.1:1/{host}" }, table: { by: "host", table: { "a.example": "eu" } } };
  const routes = Object.keys(discovery).map((name) => ({
    match: { prefix: `/${name}` },
    region: { discovery: name, allowed: ["eu"] },
    target: { header: "region" },
  }));
  await writeFile(path, JSON.stringify({ discovery, clusters: { eu: ["127.0.0.1:1"] }, virtual_hosts: [{ routes }] }));
  const read = await reader.read(path, {});
  if ("problems" in read) throw new Error(read.problems.join("\n"));
  const inRoutes = read.rules.virtualHosts[0]?.routes.map(({ region }) => region?.discovery);
  expect(inRoutes).toHaveLength(2);
  for (const [index, one] of [...read.rules.discovery.values()].entries()) expect(inRoutes?.[index]).toBe(one);
});

test("this thread stands still for none of it", async () => {
  const path = join(folder, "slow.yaml");
  const targets = Array.from({ length: 10_000 }, (_, index) => ({ id: `t${index}` }));
  await writeFile(path, JSON.stringify({ pools: { p: { targets } } }));
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await reader.read(path, {});
  clearInterval(timer);
  expect(turns).toBeGreaterThan(20); // were it read here, none
});

test("the thread is kept for the next change of several, and ends when none comes", async () => {
  const path = join(folder, "riffle.yaml");
  await writeFile(path, "{}");
  const own = new RulesReader(drive, 100);
  const others = threads();
  for (const _ of [1, 2, 3]) {
    await own.read(path, {});
    expect(threads() - others).toBe(1);
  }
  await expect.poll(() => threads() - others, { timeout: 10_000 }).toBe(0);
  expect(await own.read(path, {})).toMatchObject({ warnings: [] });
  own.close();
});

test("a thread that ends early is a failed reading, and the next gets another", async () => {
  const path = join(folder, "riffle.yaml");
  await writeFile(path, "{}");
  const own = new RulesReader(drive);
  const reading = own.read(path, {});
  own.close();
  expect(await reading).toEqual({ problems: [`${path}: could not be read: the thread that reads it ended early`] });
  expect(await own.read(path, {})).toMatchObject({ warnings: [] });
  own.close();
});

/** How many threads this one has started that run. */
const threads = (): number => (process.report.getReport() as unknown as { readonly workers: readonly unknown[] }).workers.length;

test("a value that breaks on its way is a failed reading", async () => {
  const path = join(folder, "riffle.yaml");
  await writeFile(path, "{}");
  const broken: Drive = () => Promise.reject(new Error("out of steps"));
  expect(await new RulesReader(broken).read(path, {})).toEqual({ problems: [`${path}: could not be read: out of steps`] });
});
