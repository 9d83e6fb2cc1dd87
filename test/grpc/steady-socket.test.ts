import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Address } from "../../src/core/rules.ts";
import { type Listener, openListener } from "../../src/grpc/listener.ts";
import { createOwnServer } from "../../src/grpc/own.ts";
import { createSteadySocket } from "../../src/grpc/steady-socket.ts";
import type { Inlet } from "../../src/grpc/types.ts";
import { connectRaw } from "./raw.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "riffle-steady-"));
});
afterAll(() => rm(folder, { recursive: true }));

const ANY_PORT: Address = { kind: "tcp", host: "127.0.0.1", port: 0 };
const SLAB_BYTES = 64 * 1024;

interface Pair {
  readonly client: Socket;
  readonly accepted: Socket;
  readonly steady: Socket;
}

/** A listener whose connections are read steadily, and how to make one. */
async function open(address: Address = ANY_PORT) {
  const arrivals: ((pair: Omit<Pair, "client">) => void)[] = [];
  let last: Socket | undefined;
  const wrap = (accepted: Socket): Socket => {
    last = accepted;
    return createSteadySocket(accepted);
  };
  const listener = await openListener(address, (steady) => arrivals.shift()?.({ accepted: last as Socket, steady }), { wrap });
  const connectOne = async (): Promise<Pair> => {
    const arrived = new Promise<Omit<Pair, "client">>((resolve) => arrivals.push(resolve));
    const client = connectTo(listener);
    client.on("error", () => undefined);
    const pair = await arrived;
    pair.steady.on("error", () => undefined);
    return { client, ...pair };
  };
  return { listener, connectOne };
}

const connectTo = ({ address }: Listener): Socket =>
  address.kind === "unix" ? connect(address.path) : connect(address.port, address.host);

const bytesOf = (seed: number, count: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: count }, (_, i) => (seed * 31 + i * 7) & 0xff));

/** Resolves once it is over, whatever the error. */
const closed = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once("close", () => resolve()));

/** Resolves with what a socket has heard once it is so many bytes. */
const hear = (socket: Socket, count: number): Promise<readonly Buffer[]> =>
  new Promise((resolve) => {
    const heard: Buffer[] = [];
    let bytes = 0;
    socket.on("data", (chunk: Buffer) => {
      heard.push(chunk);
      bytes += chunk.length;
      if (bytes === count) resolve(heard);
    });
  });

describe.each([
  ["TCP", () => ANY_PORT],
  ["a unix socket", () => ({ kind: "unix", path: join(folder, "steady.sock") }) as const],
] as const)("riffle's own server on %s", (_, addressOf) => {
  test("reads all connections into one slab", async () => {
    const messages: Uint8Array[] = [];
    const inlet: Inlet = { message: (message) => void messages.push(message), end: () => undefined, cancel: () => undefined };
    const server = createOwnServer([{ kind: "bidi", path: "/test.S/Keep", open: () => inlet }]);
    const address = await server.listen(addressOf());
    const clients = [await connectRaw(address), await connectRaw(address)];
    for (const [i, client] of clients.entries()) {
      client.open("/test.S/Keep", `message ${i}`);
      await client.flush();
    }
    expect(messages.map((message) => Buffer.from(message).toString())).toEqual(["message 0", "message 1"]);
    expect(messages[0]?.buffer.byteLength).toBe(SLAB_BYTES);
    expect(messages[1]?.buffer).toBe(messages[0]?.buffer);
    for (const client of clients) client.destroy();
    await server.drain(0);
  });
});

test("what was heard never changes, though two connections bring many slabs more", async () => {
  const { listener, connectOne } = await open();
  const pairs = [await connectOne(), await connectOne()];
  const count = 20 * SLAB_BYTES + 17;
  const said = pairs.map((_, i) => bytesOf(i, count));
  const heard = pairs.map(({ steady }) => hear(steady, count));
  for (let from = 0; from < count; from += 5_000) {
    for (const [i, { client }] of pairs.entries()) client.write(said[i]?.subarray(from, from + 5_000) ?? "");
    await new Promise(setImmediate); // so that reads of both take turns
  }
  for (const [i, chunks] of (await Promise.all(heard)).entries()) expect(Buffer.concat(chunks).equals(said[i] as Buffer)).toBe(true);
  for (const { client } of pairs) client.destroy();
  await listener.close(0);
});

test("a connection that is idle holds no memory to read into", async () => {
  const { listener, connectOne } = await open();
  const before = process.memoryUsage().arrayBuffers;
  const pairs = await Promise.all(Array.from({ length: 200 }, connectOne));
  const heard = pairs.map(({ steady }) => hear(steady, 1));
  for (const { client } of pairs) client.write("x");
  await Promise.all(heard);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200 * 1024); // a slab each would be 12 MiB
  for (const { client } of pairs) client.destroy();
  await listener.close(0);
});

test("while it is paused nothing is read", async () => {
  const { listener, connectOne } = await open();
  const { client, steady } = await connectOne();
  const count = 8 * 1024 * 1024; // more than kernels hold
  const heard = hear(steady, count);
  steady.pause();
  const written = new Promise<void>((resolve) => client.write(bytesOf(1, count), () => resolve()));
  const isWritten = await Promise.race([written.then(() => true), new Promise((resolve) => setTimeout(() => resolve(false), 100))]);
  expect(isWritten).toBe(false);
  expect(steady.bytesRead).toBe(0);
  steady.resume();
  expect(Buffer.concat(await heard).equals(bytesOf(1, count))).toBe(true);
  client.destroy();
  await listener.close(0);
});

test("a client that ends is told of after its last bytes, and answered by our end", async () => {
  const { listener, connectOne } = await open();
  const { client, steady, accepted } = await connectOne();
  const events: string[] = [];
  steady.on("data", (chunk: Buffer) => events.push(chunk.toString()));
  steady.on("end", () => events.push("end"));
  client.resume().end("last words");
  await Promise.all([once(client, "close"), once(steady, "close"), once(accepted, "close")]);
  expect(events).toEqual(["last words", "end"]);
  await listener.close(0);
});

test.each<{ name: string; how: (pair: Pair) => void }>([
  { name: "the new socket is destroyed", how: ({ steady }) => steady.destroy() },
  { name: "the accepted one is destroyed", how: ({ accepted }) => accepted.destroy() },
  { name: "the client resets the connection", how: ({ client }) => client.resetAndDestroy() },
])("when $name both are, and the server has closed", async ({ how }) => {
  const { listener, connectOne } = await open();
  const pair = await connectOne();
  const allClosed = Promise.all([pair.client.resume(), pair.steady, pair.accepted].map(closed));
  how(pair);
  await allClosed;
  await listener.close(60_000); // the test's own limit would notice
});

test("a listener that closes waits for the connection, and cuts it in the end", async () => {
  const { listener, connectOne } = await open();
  const { client, steady } = await connectOne();
  let isClosed = false;
  const closing = listener.close(200).then(() => {
    isClosed = true;
  });
  const heard = hear(steady, 5);
  client.write("still");
  await heard;
  expect(isClosed).toBe(false);
  await Promise.all([once(client.resume(), "close"), closing]);
  expect(steady.destroyed).toBe(true);
});

test("a socket that cannot be read so comes back as it is", () => {
  const without = new Socket();
  expect(createSteadySocket(without)).toBe(without);
});
