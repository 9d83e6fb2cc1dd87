import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { type WatchOptions, watchFile } from "../../src/store/watch-file.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "riffle-watch-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Long enough for an event that does come, and for the second that must not. */
const A_WHILE_MS = 300;
/** Events alone: a look in between would hide that one is missing. */
const NO_POLL = { settleMs: 20, pollMs: 3_600_000 };

/** Watches a file, and counts how often it was told of. `next`: the next time, and all that comes of the same change. */
async function watching(path: string, options: WatchOptions = NO_POLL) {
  let told = 0;
  let wake = Promise.withResolvers<void>();
  const onChange = (): void => {
    told++;
    wake.resolve();
  };
  const watch = await watchFile(path, onChange, options);
  onTestFinished(() => watch.close());
  const next = async (): Promise<void> => {
    await wake.promise;
    await sleep(A_WHILE_MS);
    wake = Promise.withResolvers();
  };
  return { watch, next, told: () => told };
}

test("processes that do nothing but open a watch on a busy file stay until it is open, and no longer", async () => {
  const path = join(folder, "riffle.yaml");
  await writeFile(path, "a: 1");
  const code = `import { watchFile } from ${JSON.stringify(import.meta.resolve("../../src/store/watch-file.ts"))};
    await watchFile(process.argv[1], () => undefined);`;
  const children = Array.from({ length: 12 }, () =>
    spawn(process.execPath, ["--input-type=module", "-e", code, path], { stdio: "ignore" }),
  );
  let isOver = false;
  const ended = Promise.all(children.map((child) => once(child, "close"))).finally(() => {
    isOver = true;
  });
  while (!isOver) await writeFile(path, `a: ${Math.random()}`); // each is an event, some during a look
  await ended;
  expect(children.map(({ exitCode }) => exitCode)).toEqual(children.map(() => 0));
}, 60_000);

/** A folder as the kubelet makes it: file → ..data/file, ..data → a folder of its own for each version. */
async function writeConfigMap(at: string, version: string, content: string): Promise<void> {
  await mkdir(join(at, version), { recursive: true });
  await writeFile(join(at, version, "riffle.yaml"), content);
  await symlink(version, join(at, "..data_tmp"));
  await rename(join(at, "..data_tmp"), join(at, "..data"));
}

/** Each change twice: what is watched after the first has to be right for the second. */
const CHANGES: readonly { readonly name: string; readonly change: (path: string, round: number) => Promise<void> }[] = [
  { name: "a write in place", change: (path, round) => writeFile(path, `${round}`) },
  {
    name: "a rename over it",
    change: async (path, round) => {
      await writeFile(`${path}.new`, `${round}`);
      await rename(`${path}.new`, path);
    },
  },
  {
    name: "a symlink in its place",
    change: async (path, round) => {
      const target = join(dirname(path), `version-${round}`);
      await mkdir(target);
      await writeFile(join(target, "file"), `${round}`);
      await symlink(join(target, "file"), `${path}.link`);
      await rename(`${path}.link`, path);
    },
  },
  {
    name: "a write into what it is a symlink to",
    change: async (path, round) => {
      const target = join(dirname(dirname(path)), "elsewhere");
      await writeFile(target, `${round}`);
      if (round > 1) return;
      await symlink("../elsewhere", `${path}.link`);
      await rename(`${path}.link`, path);
    },
  },
  {
    name: "its deletion",
    change: async (path, round) => {
      if (round === 1) await unlink(path);
      else await writeFile(path, "back");
    },
  },
  {
    name: "another folder in the place of its own",
    change: async (path, round) => {
      await mkdir(`${dirname(path)}-${round}`);
      await writeFile(join(`${dirname(path)}-${round}`, "riffle.yaml"), `${round}`);
      await rename(dirname(path), `${dirname(path)}-old-${round}`);
      await rename(`${dirname(path)}-${round}`, dirname(path));
    },
  },
];

describe("a watched file tells of", () => {
  test.each(CHANGES)("$name, and of the next", async ({ change }) => {
    const path = join(folder, "etc", "riffle.yaml");
    await mkdir(dirname(path));
    await writeFile(path, "0");
    const { next } = await watching(path);
    for (const round of [1, 2]) {
      await change(path, round);
      await next();
    }
  });

  test("a ConfigMap's swap of its data folder, and of the next", async () => {
    await writeConfigMap(folder, "..v0", "0");
    const path = join(folder, "riffle.yaml");
    await symlink("..data/riffle.yaml", path);
    const { next } = await watching(path);
    for (const round of [1, 2, 3]) {
      await writeConfigMap(folder, `..v${round}`, `${round}`);
      await rm(join(folder, `..v${round - 1}`), { recursive: true });
      await next();
    }
  });

  test("its first appearance, in a folder that was not there either", async () => {
    const path = join(folder, "a", "b", "riffle.yaml");
    const { next } = await watching(path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, "1");
    await next();
  });

  test("a change that no event told of, at the next look", async () => {
    const path = join(folder, "a", "b", "riffle.yaml");
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, "0");
    const { next } = await watching(path, { settleMs: 20, pollMs: 100 });
    await mkdir(join(folder, "c", "b"), { recursive: true });
    await writeFile(join(folder, "c", "b", "riffle.yaml"), "1");
    await rename(join(folder, "a"), join(folder, "old")); // nobody watches what is above its folder
    await rename(join(folder, "c"), join(folder, "a"));
    await next();
  });
});

describe("a watched file does not tell of", () => {
  test("what happens beside it", async () => {
    const path = join(folder, "riffle.yaml");
    await writeFile(path, "0");
    const { told } = await watching(path);
    await writeFile(join(folder, "state.json"), "{}");
    await unlink(join(folder, "state.json"));
    await sleep(A_WHILE_MS);
    expect(told()).toBe(0);
  });

  test("each of the writes that one change is made of, but of all of them in the end", async () => {
    const path = join(folder, "riffle.yaml");
    await writeFile(path, "0");
    const { next, told } = await watching(path, { settleMs: 500, mostMs: 60_000, pollMs: 3_600_000 });
    for (let i = 0; i < 20; i++) {
      await writeFile(path, `${i}`);
      await sleep(5);
    }
    await next();
    expect(told()).toBe(1);
  });

  test("anything once it is closed", async () => {
    const path = join(folder, "riffle.yaml");
    await writeFile(path, "0");
    const { watch, told } = await watching(path, { ...NO_POLL, settleMs: 200 });
    await writeFile(path, "1");
    await sleep(100); // it is seen, and waits to be told
    watch.close();
    await writeFile(path, "2");
    await sleep(A_WHILE_MS);
    expect(told()).toBe(0);
  });
});

test("a file that never stands still is told of all the same", async () => {
  const path = join(folder, "riffle.yaml");
  await writeFile(path, "0");
  const { told } = await watching(path, { settleMs: 60_000, mostMs: 200, pollMs: 3_600_000 });
  for (let i = 0; told() === 0; i++) {
    await writeFile(path, `${i}`);
    await sleep(5);
  }
  expect(told()).toBe(1);
});
