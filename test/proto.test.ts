import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");
const bin = join(root, "node_modules/.bin");
let temp: string;

beforeAll(async () => {
  temp = await mkdtemp(join(tmpdir(), "riffle-proto-"));
});
afterAll(() => rm(temp, { recursive: true }));

/** Local binaries only; the cache is a fresh folder, so nothing fetched earlier can help. */
const buf = (...args: string[]) => {
  const env = { PATH: `${bin}${delimiter}${process.env.PATH}`, BUF_CACHE_DIR: join(temp, "cache") };
  return promisify(execFile)(join(bin, "buf"), args, { cwd: root, env });
};

async function readTree(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(await Promise.all(paths.sort().map(async (path) => [path.slice(folder.length), await readFile(path, "utf8")])));
}

test("the proto files keep buf's rules", async () => {
  await expect(buf("lint")).resolves.toMatchObject({ stdout: "", stderr: "" });
});

test("the committed code is what the proto files generate (else: npx buf generate)", async () => {
  await buf("generate", "--output", temp);
  const generated = await readTree(join(temp, "src/wire/gen"));
  expect(Object.keys(generated)).toContain("/envoy/service/ext_proc/v3/external_processor_pb.ts");
  expect(await readTree(join(root, "src/wire/gen"))).toEqual(generated);
});

test("every proto file says which upstream file it is a subset of", async () => {
  for (const [path, text] of Object.entries(await readTree(join(root, "proto")))) {
    expect(text, path).toMatch(/^\/\/ A wire-compatible subset of .*\((?<file>\w+\.proto)/);
    expect(text, path).toContain(`(${path.slice(path.lastIndexOf("/") + 1)}`);
  }
});
