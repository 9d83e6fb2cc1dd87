import { describe, expect, test } from "vitest";
import { Reloader, type ReloaderOptions } from "../../src/cli/reload.ts";
import type { Rules } from "../../src/core/rules.ts";
import type { RulesFile } from "../../src/store/rules-file.ts";
import { rulesOf } from "../support/rules.ts";

const rulesWith = (size: number, more: object = {}): Rules =>
  rulesOf({ pools: { p: { targets: [{ id: "a" }, { id: "b" }, { id: "c" }], shard: { size } } }, ...more });
const [one, two] = [rulesWith(1), rulesWith(2)];
const good = (rules: Rules, warnings: readonly string[] = []): RulesFile => ({ rules, warnings });
const bad = (...problems: readonly string[]): RulesFile => ({ problems });

/** A reloader of files that are what `files` says in turn; the last one again and again. */
function stage(files: readonly (RulesFile | Promise<RulesFile>)[], options: Partial<ReloaderOptions> = {}) {
  const applied: string[] = [];
  const logged: { readonly level: string; readonly what: unknown }[] = [];
  let reads = 0;
  const log = (level: string) => (what: unknown) => void logged.push({ level, what });
  const reloader = new Reloader({
    read: async () => (await files[Math.min(reads++, files.length - 1)]) ?? bad("no file"),
    apply: async (rules) => void applied.push(rules.hash),
    started: { rules: one, warnings: ["said at the start"] },
    now: () => 1_000 + reads,
    log: { info: log("info"), warn: log("warn"), error: log("error") } as ReloaderOptions["log"],
    ...options,
  });
  return { reloader, applied, logged, reads: () => reads };
}

describe("a reload", () => {
  test("of good rules puts them into force, and says so", async () => {
    const { reloader, applied, logged } = stage([good(two, ["a warning"])]);
    expect(await reloader.reload("SIGHUP")).toMatchObject({
      outcome: "applied",
      trigger: "SIGHUP",
      version: two.hash,
      problems: [],
      warnings: ["a warning"],
    });
    expect(applied).toEqual([two.hash]);
    expect(reloader.standing).toMatchObject({ version: two.hash, sinceMs: 1_001, reloaded: { outcome: "applied", atMs: 1_001 } });
    expect(logged.map(({ level }) => level)).toEqual(["warn", "info"]);
  });

  test("of bad rules leaves the last good ones, whatever was tried before", async () => {
    const { reloader, applied } = stage([good(two), bad("f:1:1: wrong"), bad("f:2:2: wrong as well")]);
    await reloader.reload("SIGHUP");
    for (const problem of ["f:1:1: wrong", "f:2:2: wrong as well"]) {
      expect(await reloader.reload("the file changed")).toMatchObject({ outcome: "failed", version: two.hash, problems: [problem] });
    }
    expect(reloader.standing).toMatchObject({ version: two.hash, sinceMs: 1_001, reloaded: { outcome: "failed" } });
    expect(applied).toEqual([two.hash]);
  });

  test("of what is in force already applies nothing, also after a failed one", async () => {
    const { reloader, applied } = stage([good(one), bad("wrong"), good(one)]);
    for (const outcome of ["unchanged", "failed", "unchanged"]) expect(await reloader.reload("SIGHUP")).toMatchObject({ outcome });
    expect(applied).toEqual([]);
  });

  test("that breaks is a failed one, and the next works", async () => {
    let broken = true;
    const apply = async (): Promise<void> => {
      if (broken) throw new Error("out of luck");
    };
    const { reloader } = stage([good(two)], { apply });
    expect(await reloader.reload("SIGHUP")).toMatchObject({
      outcome: "failed",
      version: one.hash,
      problems: [/out of luck/].map(matching),
    });
    broken = false;
    expect(await reloader.reload("SIGHUP")).toMatchObject({ outcome: "applied", version: two.hash });
  });

  test.each<[string, object]>([
    ["grpc", { grpc: "127.0.0.1:9" }],
    ["transport", { transport: "grpc-js" }],
    ["max_connection_age", { max_connection_age: "1m" }],
  ])("that changes listen.%s applies the rest, and warns until a restart", async (key, listen) => {
    const { reloader, applied } = stage([good(rulesWith(2, { listen }))]);
    for (const outcome of ["applied", "unchanged"]) {
      expect(await reloader.reload("SIGHUP")).toMatchObject({ outcome, warnings: [matching(new RegExp(`^listen\\.${key} .*restart`))] });
    }
    expect(applied).toHaveLength(1);
  });
});

describe("who asks for a reload", () => {
  test("during one is told of the next, which all who ask meanwhile share", async () => {
    const slow = Promise.withResolvers<RulesFile>();
    const { reloader, reads } = stage([slow.promise, good(two)]);
    const first = reloader.reload("SIGHUP");
    const others = (["the file changed", "POST /reload", "SIGHUP"] as const).map((trigger) => reloader.reload(trigger));
    slow.resolve(bad("half written"));
    expect(await first).toMatchObject({ outcome: "failed" });
    for (const other of await Promise.all(others)) expect(other).toMatchObject({ outcome: "applied", trigger: "the file changed" });
    expect(reads()).toBe(2);
  });

  test("at the very end of one never has two run at a time", async () => {
    let running = 0;
    let most = 0;
    const read = async (): Promise<RulesFile> => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return good(two);
    };
    const { reloader } = stage([], { read });
    const again = (): Promise<unknown> => reloader.reload("SIGHUP");
    const first = again().then(again); // in the very tick in which the one that waits is started
    await Promise.all([first, again(), again().then(again)]);
    expect(most).toBe(1);
  });
});

describe("the log", () => {
  test("says the same problems once, and again when they are others or come back", async () => {
    const files = [bad("a"), bad("a"), bad("b"), good(one), bad("b")];
    const { reloader, logged } = stage(files);
    for (const _ of files) await reloader.reload("the file changed");
    const errors = logged.filter(({ level }) => level === "error");
    expect(errors.map(({ what }) => (what as { problems: unknown }).problems)).toEqual([["a"], ["b"], ["b"]]);
  });

  test("says the same warnings once, and those of the start not again", async () => {
    const { reloader, logged } = stage([good(one, ["said at the start"]), good(two, ["careful"])]);
    for (let i = 0; i < 4; i++) await reloader.reload("SIGHUP");
    expect(logged.filter(({ level }) => level === "warn").map(({ what }) => what)).toEqual(["careful"]);
  });

  test("holds a few lines of a file that is all wrong, and the result all of them", async () => {
    const problems = Array.from({ length: 500 }, (_, index) => `f:${index}:1: wrong`);
    const { reloader, logged } = stage([bad(...problems)]);
    expect((await reloader.reload("SIGHUP")).problems).toHaveLength(500);
    expect(logged[0]?.what).toMatchObject({ problems: [...problems.slice(0, 20), "and 480 more"] });
  });
});

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
