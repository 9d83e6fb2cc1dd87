import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findRedis } from "./redis-binary.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "riffle-redis-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A search on a machine whose PATH holds the test's programs alone, and whose cache is empty. */
const find = () => findRedis({ env: { PATH: folder }, cacheDir: join(folder, "cache") });

async function program(name: string, script: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

test.each(["Redis server v=7.0.15 sha=0", "Valkey server v=8.1.0 sha=0"])("a redis-server on PATH is taken: %s", async (said) => {
  const path = await program("redis-server", `echo "${said}"`);
  expect(await find()).toEqual({ binary: path });
});

test.each([
  ["too old", "echo Redis server v=5.0.7"],
  ["broken", "exit 1"],
])("one that is %s is passed over", async (_, script) => {
  await program("redis-server", script);
  expect(await find()).toEqual({ why: expect.stringContaining("python3 is not on PATH; install Python 3") });
});

test("where it can neither be found nor installed, the reason is one line", async () => {
  await program("python3", 'echo "WARNING: Retrying: NewConnectionError" >&2; exit 1');
  expect(await find()).toEqual({
    why: "there is no redis-server on PATH, and none can be installed: Python's package index cannot be reached; connect this machine to it",
  });
});
