import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { finish } from "../../src/core/steps.ts";
import { type Drive, readRulesAside } from "../../src/store/rules-aside.ts";
import { readRules } from "../../src/store/rules-file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "riffle-aside-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const drive: Drive = async (steps) => finish(steps);

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
  expect(await readRulesAside(path, env, drive)).toEqual(await readRules(path, env));
});

test("a file that is not there is a problem", async () => {
  const path = join(folder, "none.yaml");
  expect(await readRulesAside(path, {}, drive)).toEqual(await readRules(path, {}));
});

test("this thread stands still for none of it", async () => {
  const path = join(folder, "slow.yaml");
  const targets = Array.from({ length: 10_000 }, (_, index) => ({ id: `t${index}` }));
  await writeFile(path, JSON.stringify({ pools: { p: { targets } } }));
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await readRulesAside(path, {}, drive);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(20); // were it read here, none
});

test("a value that breaks on its way is a failed reading", async () => {
  const path = join(folder, "riffle.yaml");
  await writeFile(path, "{}");
  const broken: Drive = () => Promise.reject(new Error("out of steps"));
  expect(await readRulesAside(path, {}, broken)).toEqual({ problems: [`${path}: could not be read: out of steps`] });
});
