import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { until } from "../../../src/cli/demo/run-envoy.ts";
import { parseRedis } from "../../../src/core/parse/store.ts";
import type { Standing } from "../../../src/store/redis/reach.ts";
import { openRedis, type RedisPort } from "../../../src/store/redis.ts";
import { hasRedis, redisServer } from "../../support/redis.ts";

// What a server does to a port: a real one where it can be made to, else one that a test has in hand.

/** A port to a URL, ready; it does not outlive its test. */
async function portTo(url: string): Promise<{ readonly port: RedisPort; readonly reports: Standing[] }> {
  const parsed = parseRedis(url);
  if ("why" in parsed) throw new Error(parsed.why);
  const reports: Standing[] = [];
  const port = openRedis(parsed.value, { name: "riffle:test", draw: Math.random, report: (standing) => reports.push(standing) });
  onTestFinished(() => port.close());
  await port.ready;
  return { port, reports };
}

const ask = (port: RedisPort, field = "f", key = "k"): Promise<unknown> =>
  port.hget(key, field).then(
    (value) => value?.toString() ?? "none",
    (cause: unknown) => cause,
  );
const away = { name: "Outage", code: "away" };

/** Asks until the answer is this one: a bound for a broken run, not a pace. */
const answers = (port: RedisPort, value: string, withinMs = 20_000): Promise<true> =>
  until(async () => ((await ask(port)) === value ? true : undefined), AbortSignal.timeout(withinMs));

describe.runIf(hasRedis)("a real server", () => {
  test("answers what was set, byte for byte; none where there is no such field or hash", async () => {
    const server = await redisServer();
    const { port, reports } = await portTo(server.url);
    await server.command("HSET", "k", "f", "é\r\n");
    expect(await ask(port)).toBe("é\r\n");
    expect(await ask(port, "other")).toBe("none");
    expect(await ask(port, "f", "other")).toBe("none");
    expect(reports).toEqual([]);
  });

  test("refuses what is no hash, by its first word alone", async () => {
    const server = await redisServer();
    const { port } = await portTo(server.url);
    await server.command("SET", "k", "text");
    expect(await ask(port)).toMatchObject({ code: "refused", message: "the store answers WRONGTYPE" });
  });

  test("is reached over a unix socket, by user, password and database number", async () => {
    const server = await redisServer();
    const { port: bySocket } = await portTo(`unix:${server.socket}`);
    await server.command("HSET", "k", "f", "0");
    expect(await ask(bySocket)).toBe("0");
    await server.command("ACL", "SETUSER", "riffle", "on", ">p@ss", "~k", "+hget", "+info", "+select", "+client|setname");
    const { port: byUser } = await portTo(server.url.replace("://", "://riffle:p%40ss@"));
    expect(await ask(byUser)).toBe("0");
    expect(await ask(byUser, "f", "other")).toMatchObject({ message: "the store answers NOPERM" });
    const { port: elsewhere } = await portTo(`${server.url}/3`);
    expect(await ask(elsewhere)).toBe("none");
    const names = (await server.command("CLIENT", "LIST")).match(/name=riffle:test /g);
    expect(names).toHaveLength(3);
  });

  test("that is gone fails calls at once, is said once, and answers again within 5 s of its return", async () => {
    const server = await redisServer();
    const { port, reports } = await portTo(server.url);
    await server.command("HSET", "k", "f", "v");
    await server.stop();
    await until(async () => (reports.length > 0 ? true : undefined), AbortSignal.timeout(20_000));
    expect(await ask(port)).toMatchObject(away);
    await server.start();
    await answers(port, "v", 5_000);
    await until(async () => (reports.length > 1 ? true : undefined), AbortSignal.timeout(20_000));
    expect(reports).toMatchObject([{ isAnswering: false, why: expect.stringMatching(/ECONNREFUSED|closed/) }, { isAnswering: true }]);
  });

  test("that is not there at first is found once it is", async () => {
    const server = await redisServer();
    await server.stop();
    const { port } = await portTo(server.url);
    expect(await ask(port)).toMatchObject(away);
    await server.start();
    await server.command("HSET", "k", "f", "v");
    await answers(port, "v", 5_000);
  });

  test("that hangs keeps nobody: calls are late, then fail at once; all is well again within 5 s after it goes on", async () => {
    const server = await redisServer();
    const { port, reports } = await portTo(server.url);
    await server.command("HSET", "k", "f", "v");
    server.freeze();
    const told = await Promise.all(Array.from({ length: 100 }, () => ask(port)));
    expect(new Set(told.map((cause) => (cause as { readonly code: string }).code))).toEqual(new Set(["late"]));
    expect(await ask(port)).toMatchObject(away); // the connection has been given up
    expect(reports).toEqual([{ isAnswering: false, why: "no answer in time" }]);
    server.thaw();
    await answers(port, "v", 5_000);
  });

  test("that hangs for longer than a call or two is given up without another call", async () => {
    const server = await redisServer();
    const { port, reports } = await portTo(server.url);
    server.freeze();
    expect(await ask(port)).toMatchObject({ code: "late" });
    await until(async () => (reports.length > 0 ? true : undefined), AbortSignal.timeout(20_000));
    expect(await ask(port)).toMatchObject(away);
    server.thaw();
    await answers(port, "none", 5_000);
  });

  test("that refuses the password is said once, and the password never", async () => {
    const said = vi.spyOn(process.stderr, "write");
    const server = await redisServer("--requirepass", "right");
    const { port, reports } = await portTo(server.url.replace("://", "://:s3cret-canary@"));
    await until(async () => (reports.length > 0 ? true : undefined), AbortSignal.timeout(20_000));
    expect(reports).toEqual([{ isAnswering: false, why: "it answers WRONGPASS" }]);
    const cause = await ask(port);
    expect(cause).toMatchObject(away);
    const { inspect } = await import("node:util");
    expect(inspect([cause, reports, said.mock.calls], { depth: 10 })).not.toContain("canary");
    said.mockRestore();
  });

  test("that wants a password and is given none is said so", async () => {
    const server = await redisServer("--requirepass", "right");
    const { reports } = await portTo(server.url);
    await until(async () => (reports.length > 0 ? true : undefined), AbortSignal.timeout(20_000));
    expect(reports).toEqual([{ isAnswering: false, why: "it answers NOAUTH" }]);
  });

  test("that is still loading its data is waited for, and no call with it", async () => {
    const server = await redisServer();
    await server.command("CONFIG", "SET", "rdbcompression", "no");
    await server.command("DEBUG", "POPULATE", "200", "x", "100000"); // while it loads, it looks up every 2 MB
    await server.command("HSET", "k", "f", "v");
    await server.command("SAVE");
    await server.stop();
    await server.start(["--appendonly", "no", "--key-load-delay", "10000"], true);
    const { port } = await portTo(server.url);
    await expect(server.command("HGET", "k", "f")).rejects.toThrow("LOADING");
    expect(await ask(port)).toMatchObject(away);
    await answers(port, "v");
  });
});

describe("a server that misbehaves", () => {
  /** Greets as a Redis does, and answers HGET with this. */
  async function serverSaying(reply: (socket: Socket) => void): Promise<string> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.setEncoding("latin1").on("data", (text: unknown) => {
        for (const [, command] of String(text).matchAll(/\r\n(info|INFO|client|CLIENT|hget|HGET)\r\n/g)) {
          if (command?.toLowerCase() === "hget") reply(socket);
          else socket.write(command?.toLowerCase() === "info" ? "$9\r\nloading:0\r\n" : "+OK\r\n");
        }
      });
    });
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    return `redis://127.0.0.1:${(server.address() as { readonly port: number }).port}`;
  }

  test.each<[string, string, object]>([
    ["-LOADING Redis is loading the dataset in memory", "LOADING", { code: "refused", message: "the store answers LOADING" }],
    ["-OOM command not allowed", "OOM", { code: "refused", message: "the store answers OOM" }],
    ["-MASTERDOWN Link with MASTER is down", "MASTERDOWN", { code: "refused", message: "the store answers MASTERDOWN" }],
    ["-s3cret in lower case", "ERR", { code: "refused", message: "the store answers ERR" }],
    [":5", "a number", { code: "garbled" }],
    ["*1\r\n$1\r\na", "a list", { code: "garbled" }],
    ["no RESP at all", "no RESP", { code: "away" }],
  ])("saying %j fails the call", async (reply, _, expected) => {
    const { port } = await portTo(await serverSaying((socket) => socket.write(`${reply}\r\n`)));
    expect(await ask(port)).toMatchObject({ name: "Outage", ...expected });
  });

  test("that hangs up in the middle of a reply fails the call, and it is not sent again", async () => {
    let asked = 0;
    const url = await serverSaying((socket) => {
      asked++;
      socket.write("$100\r\nhalf", () => socket.destroy());
    });
    const { port } = await portTo(url);
    expect(await ask(port)).toMatchObject(away);
    await until(
      async () => (((await ask(port)) as { code?: string }).code === "away" && asked >= 2 ? true : undefined),
      AbortSignal.timeout(20_000),
    );
    expect(asked).toBe(2); // the second is the second call's
  });

  test("that takes connections and says nothing keeps nobody: neither at the start nor later", async () => {
    const server = createServer((socket) => void socket.on("error", () => undefined));
    onTestFinished(() => void server.close());
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port, reports } = await portTo(`redis://127.0.0.1:${(server.address() as { readonly port: number }).port}`);
    expect(await ask(port)).toMatchObject(away);
    await until(async () => (reports.length > 0 ? true : undefined), AbortSignal.timeout(20_000));
    expect(reports).toEqual([{ isAnswering: false, why: "no answer in time" }]);
  });
});
