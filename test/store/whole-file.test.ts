import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readWhole } from "../../src/store/whole-file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "riffle-whole-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("what is written while it is read is read again", async () => {
  const path = join(folder, "a");
  await writeFile(path, "half");
  const seen: string[] = [];
  const content = await readWhole(path, async () => {
    const text = await readFile(path, "utf8");
    seen.push(text);
    if (seen.length === 1) await appendFile(path, ", and the other half");
    return text;
  });
  expect(content).toBe("half, and the other half");
  expect(seen).toHaveLength(2);
});

test("a file that is written in its own place is read when it is whole", async () => {
  const path = join(folder, "b");
  await writeFile(path, "");
  const reading = readWhole(path, () => readFile(path, "utf8"));
  for (const part of ["one ", "two ", "three"]) await appendFile(path, part);
  expect(await reading).toBe("one two three");
});

test("one that never stands still is read all the same, and not for ever", async () => {
  const path = join(folder, "c");
  let reads = 0;
  const content = await readWhole(path, async () => {
    await writeFile(path, `${++reads}`);
    return reads;
  });
  expect(content).toBe(5);
});

test("a file that is not there is the reader's matter", async () => {
  await expect(readWhole(join(folder, "none"), () => Promise.reject(new Error("none")))).rejects.toThrow("none");
});
