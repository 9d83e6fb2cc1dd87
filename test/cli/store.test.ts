import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../../src/cli/demo/run-envoy.ts";
import { askAdmin } from "../support/admin.ts";
import { hasRedis, type RedisServer, redisServer } from "../support/redis.ts";
import { type Running, startRiffle } from "../support/riffle.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "riffle-store-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const OUT_OF_REACH = "the store is out of reach";

async function write(redis: string, more: object = {}): Promise<string> {
  const file = join(folder, "riffle.yaml");
  const listen = { grpc: "unix:grpc.sock", admin: "unix:admin.sock" };
  const rules = { listen, envoy: { health_interval: "10ms" }, store: { redis }, discovery: { cells: { from: "store" } }, ...more };
  await writeFile(`${file}.new`, JSON.stringify(rules));
  await rename(`${file}.new`, file); // written in place it is empty for a moment, which is a valid file
  return file;
}

const start = async (redis: string): Promise<Running> => startRiffle(["serve", "--config", await write(redis)]);

async function reload(redis: string, more?: object): Promise<void> {
  await write(redis, more);
  expect(await askAdmin(join(folder, "admin.sock"), "POST", "/reload")).toMatchObject({ status: 200, body: { ok: true } });
}

/** All that riffle has said, once it was told to stop. */
async function stop(riffle: Running): Promise<string> {
  riffle.child.kill("SIGTERM");
  const { code, stdout, stderr } = await riffle.finished;
  expect(code).toBe(0);
  return stdout + stderr;
}

test("riffle serves where there is no store, says so once, and stops in good order", async () => {
  const riffle = await start("redis://127.0.0.1:1");
  await riffle.says('"msg":"serving"');
  await riffle.says(OUT_OF_REACH);
  const said = await stop(riffle);
  expect(said.match(/"store":"127.0.0.1:1".*ECONNREFUSED.*out of reach/g)).toHaveLength(1);
});

describe.runIf(hasRedis)("with a real Redis", () => {
  test("a password that is refused is said once, and shown nowhere", async () => {
    const server = await redisServer();
    await server.command("ACL", "SETUSER", "me", "on", ">right", "~*", "+@all");
    const riffle = await start(server.url.replace("://", "://me:s3cret-canary@"));
    await riffle.says(OUT_OF_REACH);
    const goal = (await refusals(server)) + 3; // attempts more
    await until(async () => ((await refusals(server)) >= goal ? true : undefined), AbortSignal.timeout(20_000));
    const said = await stop(riffle);
    expect(said.match(/WRONGPASS.*out of reach/g)).toHaveLength(1);
    expect(said).not.toContain("canary");
  });

  /** How often somebody was not let in. */
  const refusals = async (server: RedisServer): Promise<number> =>
    Number(/cmdstat_auth:calls=(\d+)/.exec(await server.command("INFO", "commandstats"))?.[1]);

  /** The connections that riffle has to a server, each by its number there. */
  const connections = async (server: RedisServer): Promise<readonly string[]> =>
    (await server.command("CLIENT", "LIST"))
      .split("\n")
      .filter((line) => line.includes(" name=riffle:hot:"))
      .map((line) => /^id=(\d+)/.exec(line)?.[1] ?? "");

  test("the connection is there before riffle serves, and stays through a reload that leaves the store alone", async () => {
    const server = await redisServer();
    const riffle = await start(server.url);
    await riffle.says('"msg":"serving"');
    const before = await connections(server);
    expect(before).toHaveLength(1);
    await reload(server.url, { discovery: { cells: { from: "store", ttl: "1s" } } });
    expect(await connections(server)).toEqual(before);
    expect(await stop(riffle)).not.toContain("the store");
  });

  test("another store is connected to before a reload is in force; the former one stays for who began with it", async () => {
    const [former, next] = [await redisServer(), await redisServer()];
    const riffle = await start(former.url);
    await riffle.says('"msg":"serving"');
    await reload(next.url);
    expect(await connections(next)).toHaveLength(1);
    expect(await connections(former)).toHaveLength(1);
    await stop(riffle);
    expect([...(await connections(former)), ...(await connections(next))]).toEqual([]);
  });
});
