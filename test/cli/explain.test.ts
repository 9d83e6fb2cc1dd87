import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runRiffle } from "../support/riffle.ts";

const explain = async (...more: readonly string[]): Promise<string> => {
  const words = ["explain", "GET", "/", "--header", "x-customer-id: acme", "--config", "deploy/riffle.yaml", ...more];
  const { code, stdout } = await runRiffle(words);
  expect(code).toBe(0);
  return stdout;
};
const explained = async (...more: readonly string[]) => JSON.parse(await explain("--json", ...more));

test("every target is printed with why it was taken or passed over, and what another customer shares", async () => {
  const text = await explain("--overlap", "globex");
  const { shard } = await explained();
  expect(shard.members).toHaveLength(2);
  for (const id of shard.members) expect(text).toMatch(new RegExp(`\\d\\. ${id} \\(zone [ab]\\): taken, in rank order`));
  expect(text.match(/passed over/g)).toHaveLength(6);
  expect(text).toMatch(/^overlap {3}shares [012] of 2 with globex: /m);
});

test("with targets ejected the request goes to the others of the shard, and is refused where there are none", async () => {
  const { shard } = await explained();
  const [gone, kept] = shard.members;
  expect(await explained("--ejected", gone)).toMatchObject({ order: [kept] });
  expect(await explain("--ejected", gone)).toMatch(new RegExp(`${gone} \\(zone [ab], ejected\\): taken`));
  expect(await explained("--ejected", `${gone},${kept}`)).toMatchObject({
    order: [],
    answer: { status: 503, why: "no target of the shard is up" },
    shard: { members: shard.members },
  });
});

test("a region is explained by what a table says, or as if a service said it", async () => {
  const file = await writtenRules({
    discovery: {
      main: { url: "http://127.0.0.1:1/lookup?host={host}" }, // nothing listens there: it is not asked
      fixed: { by: "host", table: { "eu.example.com": "eu-west" } },
    },
    clusters: { "us-east": ["127.0.0.1:1"], "eu-west": ["127.0.0.1:2"] },
    virtual_hosts: [
      { hosts: ["*"], routes: [route("/fixed", "fixed", "us-east"), route("/strict", "main"), route("/", "main", "us-east")] },
    ],
  });
  const regionOf = async (...words: readonly string[]): Promise<string | undefined> => {
    const { stdout } = await runRiffle(["explain", "GET", ...words, "--config", file]);
    return /^region +(.*)$/m.exec(stdout)?.[1];
  };
  expect(await regionOf("http://eu.example.com/fixed")).toBe("eu-west, as fixed says of eu.example.com");
  expect(await regionOf("http://a.example/fixed")).toBe("us-east, the fallback: fixed knows none of a.example");
  expect(await regionOf("http://a.example/", "--region", "eu-west")).toBe("eu-west, as main says of a.example");
  expect(await regionOf("http://a.example/", "--region", "mars")).toMatch(/^us-east, the fallback: main says mars .* does not allow$/);
  expect(await regionOf("http://a.example/strict")).toMatch(/^none, and no fallback: main is not asked about a.example here; --region/);
});

const route = (prefix: string, discovery: string, fallback?: string) => ({
  match: { prefix },
  region: { discovery, allowed: ["us-east", "eu-west"], ...(fallback && { fallback }) },
  target: { header: "region" },
});

/** riffle.yaml in a folder that does not outlive the test. */
async function writtenRules(rules: object): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "riffle-explain-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "riffle.yaml");
  await writeFile(file, JSON.stringify(rules)); // JSON is YAML
  return file;
}
