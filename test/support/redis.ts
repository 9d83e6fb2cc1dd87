import { mkdtemp, rm } from "node:fs/promises";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Child, startChild } from "../../src/cli/demo/child.ts";
import { until } from "../../src/cli/demo/run-envoy.ts";
import { findRedis } from "./redis-binary.ts";

/** Whether tests on a real Redis can run. The set-up of the run says why, where they cannot. */
export const hasRedis = "binary" in (await findRedis());

const PATIENCE_MS = 20_000; // a bound for a broken run, not a pace

/** A real Redis that keeps what it is told when it is stopped and started again. */
export interface RedisServer {
  readonly port: number;
  readonly url: string;
  readonly socket: string; // where it listens as well
  /** Sends a command as redis-cli does; resolves with its reply. Rejects with the server's error. */
  command(...words: readonly string[]): Promise<string>;
  /** SIGKILL. */
  stop(): Promise<void>;
  /** Again, at the same place; resolves once it answers, or with `isLoading` once it says that it is loading. */
  start(settings?: readonly string[], isLoading?: true): Promise<void>;
  /** From now on it hangs, with its connections open. */
  freeze(): void;
  thaw(): void;
  /** For good, with all its files. */
  end(): Promise<void>;
}

/** Starts a Redis with more settings (`--requirepass`, …) for as long as the test lasts. */
export async function redisServer(...settings: readonly string[]): Promise<RedisServer> {
  const server = await startRedis(...settings);
  onTestFinished(() => server.end());
  return server;
}

/** The same, ended by whoever started it. */
export async function startRedis(...settings: readonly string[]): Promise<RedisServer> {
  const found = await findRedis();
  if ("why" in found) throw new Error(found.why);
  const folder = await mkdtemp(join(tmpdir(), "riffle-redis-"));
  const port = await freePort();
  const socket = join(folder, "redis.sock");
  const where = ["--port", `${port}`, "--bind", "127.0.0.1", "--unixsocket", socket, "--dir", folder, "--save", "", "--appendonly", "yes"];
  let child: Child | undefined;
  const command = (...words: readonly string[]): Promise<string> => send(socket, words);
  const server: RedisServer = {
    port,
    url: `redis://127.0.0.1:${port}`,
    socket,
    command,
    freeze: () => void child?.process.kill("SIGSTOP"),
    thaw: () => void child?.process.kill("SIGCONT"),
    async stop() {
      child?.process.kill("SIGKILL");
      await child?.ended;
    },
    async start(more = [], isLoading) {
      child = startChild(found.binary, [...where, ...settings, ...more]);
      const died = child.ended.then(() => Promise.reject(new Error(`redis-server ended: ${child?.lastWords()}`)));
      died.catch(() => undefined); // later on it ends because the test says so
      const isThere = isLoading ? /^LOADING/ : /^(PONG|NOAUTH)/;
      const answers = async (): Promise<true | undefined> =>
        isThere.test(await command("PING").catch((cause: unknown) => String((cause as Error).message))) ? true : undefined;
      await Promise.race([until(answers, AbortSignal.timeout(PATIENCE_MS)), died]);
    },
    async end() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await server.start().catch((cause: unknown) => server.end().then(() => Promise.reject(cause)));
  return server;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { readonly port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** One command on a connection of its own: a client that shares nothing with the one under test. Replies of one line, or one text. */
function send(path: string, words: readonly string[]): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = createConnection(path);
  let said = "";
  socket.setEncoding("latin1").on("error", reject);
  socket.on("close", () => reject(new Error(`redis-server hung up after ${JSON.stringify(said)}`)));
  socket.on("data", (text) => {
    said += text;
    const [, kind, rest = "", body] = /^([-+:$])([^\r]*)\r\n(?:(.*)\r\n)?$/s.exec(said) ?? [];
    if (kind === undefined || (kind === "$" && rest !== "-1" && body?.length !== Number(rest))) return; // more is to come
    if (kind === "-") reject(new Error(rest));
    else resolve(kind === "$" ? (body ?? "") : rest);
    socket.destroy();
  });
  socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`);
  return promise;
}
