import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runWithBar } from "../../src/cli/simulate/progress.ts";
import type { Steps } from "../../src/core/simulate/steps.ts";
import { runRiffle } from "../support/riffle.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "riffle-simulate-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}
const small = ["simulate", "--targets", "20", "--size", "3", "--customers", "2000"];
const targets = [{ id: "a" }, { id: "b" }, { id: "c", zone: "far" }, { id: "d", zone: "far" }];
const pools = { one: { targets, shard: { size: 2, salt: "s" } }, two: { targets } };

describe("what a user can get wrong is one clear line on stderr, exit code 1, and nothing on stdout", () => {
  test.each<[string, () => Promise<readonly string[]>, RegExp]>([
    ["no pool", async () => ["simulate"], /which pool\? give --config FILE, or --targets N/],
    ["two pools", async () => [...small, "--config", "deploy/riffle.yaml"], /--config and --targets: give one/],
    ["a file that is not there", async () => ["simulate", "--config", join(folder, "none.yaml")], /none\.yaml: there is no such file/],
    [
      "several pools",
      async () => ["simulate", "--config", await file("two.json", { pools })],
      /has 2 pools; choose one with --pool: one, two/,
    ],
    [
      "an unknown pool",
      async () => ["simulate", "--config", await file("two.json", { pools }), "--pool", "x"],
      /has no such pool, only one, two/,
    ],
    ["no size", async () => ["simulate", "--targets", "8"], /--targets needs --size/],
    ["a size that is none", async () => ["simulate", "--targets", "8", "--size", "0"], /--size 0: is not a size/],
    ["a mode that is none", async () => [...small, "--mode", "best"], /--mode best: .*write min, spread or plain/],
    ["more zones than targets", async () => [...small, "--zones", "21"], /--zones 21: more than the 20 targets/],
    ["zones beside a file", async () => ["simulate", "--config", "deploy/riffle.yaml", "--zones", "2"], /--zones goes with --targets/],
    ["too many customers", async () => [...small.slice(0, 5), "--customers", "10000001"], /--customers 10000001: at most 10,000,000/],
    ["one customer", async () => [...small.slice(0, 5), "--customers", "1"], /--customers 1: .*give 2 or more/],
    ["no number", async () => [...small, "--fail", "many"], /argument 'many' is invalid\. Write a whole number/],
    ["more failures than targets", async () => [...small, "--fail", "21"], /--fail 21: at most 20 targets/],
    ["more poison than customers", async () => [...small.slice(0, 5), "--customers", "5", "--poison", "5"], /--poison 5: at most 4/],
    ["an unknown target", async () => [...small, "--remove", "x"], /--remove x: no target of the pool; it has target-0, .*…/],
    ["a new size above the pool", async () => [...small, "--new-size", "21"], /--new-size 21: at most 20/],
    ["a page that cannot be written", async () => [...small, "--html", folder], /--html .*: cannot be written \(EISDIR\)/],
    ["customers twice", async () => [...small, "--weights", "x"], /--customers and --weights: give one/],
    ["weights that are not there", async () => [...small.slice(0, 5), "--weights", "none"], /--weights none: cannot be read \(ENOENT\)/],
    ["a line that is none", async () => [...small.slice(0, 5), "--weights", await file("w1", "acme 1\nbeta\n")], /w1:2: is not a customer/],
    [
      "a weight that is none",
      async () => [...small.slice(0, 5), "--weights", await file("w2", "acme 1\nbeta -1\n")],
      /w2:2: the weight of beta/,
    ],
    ["a customer twice", async () => [...small.slice(0, 5), "--weights", await file("w3", "acme 1\nacme 2\n")], /w3:2: acme comes twice/],
    ["broken JSON", async () => [...small.slice(0, 5), "--weights", await file("w4", '{"acme": 1')], /w4: begins like JSON and is none/],
    ["a single customer", async () => [...small.slice(0, 5), "--weights", await file("w5", "acme 1\n")], /w5: fewer than two customers/],
  ])("%s", async (_, args, line) => {
    const { code, stdout, stderr } = await runRiffle(await args());
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr.trimEnd().split("\n")).toEqual([expect.stringMatching(line)]);
  });
});

test("table, JSON and page of one run say the same, and stderr stays silent where nobody watches", async () => {
  const page = join(folder, "page.html");
  const [table, json] = [await runRiffle([...small, "--html", page]), await runRiffle([...small, "--json"])];
  expect([table, json]).toMatchObject([
    { code: 0, stderr: "" },
    { code: 0, stderr: "" },
  ]);
  const embedded = /<script type="application\/json" id="simulation">(.*?)<\/script>/s.exec(await readFile(page, "utf8"))?.[1] ?? "";
  expect(JSON.parse(embedded)).toEqual(JSON.parse(json.stdout));
  expect(table.stdout).toMatch(/^pool: 2,000 customers, each dealt 3 of 20 targets, zones not looked at \(riffle-1\)\n/);
  expect(table.stdout).toMatch(/\n {2}shards possible +1,140\n/);
});

test("a file's pool is dealt as it would be served; what the flags ask for is what is shown", async () => {
  const path = await file("two.json", { pools });
  const flags = [
    "--pool",
    "one",
    "--customers",
    "1000",
    "--fail",
    "3",
    "--poison",
    "4",
    "--add",
    "new",
    "--remove",
    "a",
    "--new-size",
    "1",
  ];
  const { code, stdout } = await runRiffle(["simulate", "--config", path, ...flags, "--json"]);
  expect(code).toBe(0);
  const simulation = JSON.parse(stdout);
  expect(simulation).toMatchObject({
    pool: { name: "one", targets: 4, size: 2, zones: 2, mode: "min", minZones: 2, customers: 1000 },
    shards: { possible: 4, used: 4 },
    failures: { shown: [3] },
    poison: { rows: [{ heavy: 4 }] },
  });
  expect(simulation.changes.rows.map(({ change }: { change: string }) => change)).toEqual([
    "add a target in zone new",
    "remove a",
    "size 2 → 1",
  ]);
  expect(simulation.zones.map(({ dark }: { dark: number }) => dark)).toEqual([0, 0]);
});

test.each([
  ["lines", "# heavy first\nacme 10\nbeta corp\t2.5\n\ngämma,0\n"],
  ["JSON", { acme: 10, "beta corp": 2.5, gämma: 0 }],
])("customers and their demand are read from %s", async (_, content) => {
  const path = await file("weights", content);
  const { code, stdout } = await runRiffle(["simulate", "--config", "deploy/riffle.yaml", "--weights", path, "--json"]);
  expect(code).toBe(0);
  const { pool, load } = JSON.parse(stdout);
  expect(pool.customers).toBe(3);
  expect(load.demand.mean).toBeCloseTo(12.5 / 8, 12);
  const shard = JSON.parse(
    (await runRiffle(["explain", "GET", "/", "--header", "x-customer-id: acme", "--config", "deploy/riffle.yaml", "--json"])).stdout,
  ).shard;
  for (const id of shard.members) expect(load.targets.find((target: { id: string }) => target.id === id).demand).toBeGreaterThanOrEqual(5);
});

describe("a progress bar", () => {
  function* steps(count: number): Steps<string> {
    for (let i = 0; i < count; i++) yield { doing: "counting", share: i / count };
    return "done";
  }
  const run = (isTTY: boolean, count: number): { readonly result: string; readonly drawn: readonly string[] } => {
    const drawn: string[] = [];
    let now = 0;
    const clock = (): number => (now += 50);
    return { result: runWithBar(steps(count), { isTTY, write: (text) => drawn.push(text) }, clock), drawn };
  };

  test("is drawn on a terminal once a run takes long, and is gone at the end", () => {
    const { result, drawn } = run(true, 100);
    expect(result).toBe("done");
    expect(drawn.length).toBeGreaterThan(3);
    expect(drawn.at(-2)).toMatch(/█+░* +\d+ % {2}counting$/);
    expect(drawn.at(-1)).toBe("\r\x1b[2K");
  });

  test.each([
    ["a short run", true, 5],
    ["a pipe", false, 100],
  ])("is not drawn for %s", (_, isTTY, count) => {
    expect(run(isTTY, count)).toEqual({ result: "done", drawn: [] });
  });
});
