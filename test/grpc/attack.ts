import { once } from "node:events";
import { connect as connectSocket, type Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, onTestFinished } from "vitest";
import type { Address } from "../../src/core/rules.ts";
import { GrpcCall } from "../../src/grpc/call.ts";
import { readCallHead } from "../../src/grpc/call-head.ts";
import { HpackDecoder } from "../../src/grpc/hpack/decoder.ts";
import { encodeBlock } from "../../src/grpc/hpack/encoder.ts";
import { Ledger } from "../../src/grpc/http2/bucket.ts";
import { Connection } from "../../src/grpc/http2/connection.ts";
import { Flag, Frame, PREFACE } from "../../src/grpc/http2/protocol.ts";
import type { RequestHead } from "../../src/grpc/http2/request.ts";
import { type Limits, STRICT, TRUSTED } from "../../src/grpc/limits.ts";
import { createTunedServer } from "../../src/grpc/own.ts";
import type { GrpcServer, Method } from "../../src/grpc/types.ts";
import { opener } from "../../src/grpc/unary.ts";
import { connect, type TestClient } from "./client.ts";
import { data, grpcHead, headers, message, settings, type WireFrame } from "./http2/frames.ts";
import { TestSocket } from "./http2/socket.ts";
import { createPeer, type Peer } from "./methods.ts";

/** Names of the error codes of RFC 9113 §7, by number. */
const CODES = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
];

/** The error code of a GOAWAY or RST_STREAM frame, by name. */
export function codeOf({ type, payload }: WireFrame): string | undefined {
  return CODES[payload.readUInt32BE(type === Frame.goAway ? 4 : 0)];
}

/** The id of the last stream that a GOAWAY frame says was heard. */
export const lastIdOf = ({ payload }: WireFrame): number => payload.readUInt32BE(0);

/** The fields of a reply's header block: ours refer to no earlier block. */
export const fieldsOf = ({ payload }: WireFrame): Readonly<Record<string, string>> =>
  Object.fromEntries(decode(payload).map(({ name, value }) => [name, value]));
const decode = (block: Buffer) => new HpackDecoder({ maxTableBytes: 4096, maxListBytes: 65_536 }).decode(block).fields;

export const isData = ({ type }: WireFrame): boolean => type === Frame.data;
export const isGoAway = ({ type }: WireFrame): boolean => type === Frame.goAway;
export const isResetOf =
  (stream: number) =>
  (frame: WireFrame): boolean =>
    frame.type === Frame.rstStream && frame.stream === stream;
export const isEndOf =
  (stream: number) =>
  ({ type, flags, stream: of }: WireFrame): boolean =>
    of === stream && (type === Frame.headers || type === Frame.data) && (flags & Flag.endStream) !== 0;

/** Opens a stream of a method. */
export const open = (stream: number, path: string, more?: Readonly<Record<string, string>>): Buffer =>
  headers(stream, grpcHead(path, more));
/** A whole unary call in two frames. */
export const call = (stream: number, path: string, text: string): Buffer =>
  Buffer.concat([open(stream, path), data(stream, message(text), Flag.endStream)]);
/** A header block by itself, to be put in frames. */
export const block = (fields: Readonly<Record<string, string>>): Uint8Array =>
  encodeBlock(Object.entries(fields).map(([name, value]) => ({ name, value })));

/** The path of a method whose every message is a number of bytes, asked for in one reply. */
export const BYTES = "/test.S/Bytes";
/** The same, but each reply waits until all are let go. */
export const BYTES_LATE = "/test.S/BytesLate";

const ask = (text: Uint8Array): Buffer => Buffer.alloc(Number(Buffer.from(text).toString()), "0123456789");

/** The contract's methods, and those that reply as much as they are asked for. */
export interface LargePeer extends Peer {
  /** Lets all late replies go, in one tick. */
  release(): void;
}

export function createLargePeer(): LargePeer {
  const peer = createPeer();
  const { promise, resolve } = Promise.withResolvers<void>();
  const bytes: Method = {
    kind: "bidi",
    path: BYTES,
    open: (outlet) => ({ message: (text) => outlet.send(ask(text)), end: () => outlet.end(), cancel: () => undefined }),
  };
  const late: Method = { kind: "unary", path: BYTES_LATE, handle: (text) => promise.then(() => ask(text)) };
  return { ...peer, methods: [...peer.methods, bytes, late], release: resolve };
}

/** A server under attack, and a client of it that behaves. */
export interface Victim {
  readonly server: GrpcServer;
  readonly peer: LargePeer;
  /** Where anybody may connect, and where only this machine may. */
  readonly anybody: Address;
  readonly ourselves: Address;
  readonly client: TestClient;
  /** Why connections were ended. */
  readonly errors: readonly Error[];
  /** Another client is served all the while: a call, and a stream opened before the attack. */
  isWell(): Promise<void>;
  /** It goes, having finished. */
  leave(): Promise<void>;
}

/** Listens for anybody and for this machine with these limits beside the usual ones. That no bug was reported is checked at the end. */
export async function openVictim(limits: Partial<Limits> = {}, more: { readonly maxConnectionAgeMs?: number } = {}): Promise<Victim> {
  const peer = createLargePeer();
  const errors: Error[] = [];
  const bugs: unknown[] = [];
  const server = createTunedServer(peer.methods, {
    ...more,
    strict: { ...STRICT, ...limits },
    trusted: { ...TRUSTED, ...limits },
    onConnectionError: (error) => void errors.push(error),
    onBug: (cause) => void bugs.push(cause),
  });
  const anybody = await server.listen({ kind: "tcp", host: "0.0.0.0", port: 0 });
  const ourselves = await server.listen({ kind: "tcp", host: "127.0.0.1", port: 0 });
  const client = connect(anybody);
  onTestFinished(async () => {
    client.close();
    await server.drain(0);
    expect(bugs).toEqual([]);
  });
  const stream = client.stream("/test.S/Chat");
  stream.send("before");
  await stream.next();
  const isWell = async (): Promise<void> => {
    stream.send("still there?");
    expect(await stream.next()).toBe("still there?");
    expect((await client.unary("/test.S/Echo", Buffer.from("well"))).toString()).toBe("well");
  };
  const leave = async (): Promise<void> => {
    stream.end();
    await stream.status;
    client.close();
  };
  return { server, peer, anybody, ourselves, client, errors, isWell, leave };
}

/** A client that says what it likes, and keeps what it hears. */
export interface Attacker {
  readonly socket: Socket;
  readonly heard: readonly WireFrame[];
  send(...frames: readonly Uint8Array[]): void;
  /** The first frame like this, heard or to come; rejects when the connection is closed without it. */
  until(isIt: (frame: WireFrame) => boolean): Promise<WireFrame>;
  /** Resolves with the code of the GOAWAY that was the server's last word, once it has closed the connection; undefined: there was none. */
  lastWord(): Promise<string | undefined>;
  /** Rejects unless a call on this stream of the same connection is answered. */
  isServed(stream: number): Promise<void>;
  /** The status of a stream, once it has ended. */
  status(stream: number): Promise<number>;
}

/** Connects and says the preface and `first`, usually empty SETTINGS. */
export async function attack(address: Address, first: readonly Uint8Array[] = [PREFACE, settings()]): Promise<Attacker> {
  const socket = connectSocket({ host: "127.0.0.1", port: address.kind === "tcp" ? address.port : 0, noDelay: true });
  socket.on("error", () => undefined); // the server may break off
  onTestFinished(() => void socket.destroy());
  const heard: WireFrame[] = [];
  const wakes = new Set<() => void>();
  const wake = (): void => {
    for (const each of wakes) each();
  };
  readFrames(socket, (frame) => void heard.push(frame), wake);
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.once("close", wake);
  await once(socket, "connect");
  const until = (isIt: (frame: WireFrame) => boolean): Promise<WireFrame> =>
    new Promise((resolve, reject) => {
      let seen = 0;
      const look = (): void => {
        while (seen < heard.length) {
          const frame = heard[seen++];
          if (frame === undefined || !isIt(frame)) continue;
          wakes.delete(look);
          resolve(frame);
          return;
        }
        if (socket.closed) reject(new Error(`closed; heard: ${heard.map(({ type, stream }) => `${type}/${stream}`).join(" ")}`));
      };
      wakes.add(look);
      look();
    });
  const status = async (stream: number): Promise<number> => Number(fieldsOf(await until(isEndOf(stream)))["grpc-status"]);
  const send = (...frames: readonly Uint8Array[]): void => void socket.write(Buffer.concat(frames));
  send(...first);
  return {
    socket,
    heard,
    send,
    until,
    status,
    lastWord: async () => {
      await closed;
      const last = heard.findLast(isGoAway);
      return last && codeOf(last);
    },
    isServed: async (stream) => {
      send(call(stream, "/test.S/Echo", "served"));
      expect(await status(stream)).toBe(0);
    },
  };
}

function readFrames(socket: Socket, onFrame: (frame: WireFrame) => void, onRead: () => void): void {
  let chunks: Buffer[] = [];
  let held = 0;
  let wanted = 9;
  socket.on("data", (chunk) => {
    chunks.push(chunk);
    held += chunk.length;
    if (held < wanted) return;
    let rest = Buffer.concat(chunks);
    wanted = 9;
    while (rest.length >= 9) {
      const length = 9 + rest.readUIntBE(0, 3);
      if (rest.length < length) {
        wanted = length;
        break;
      }
      onFrame({ type: rest[3] ?? 0, flags: rest[4] ?? 0, stream: rest.readUInt32BE(5), payload: rest.subarray(9, length) });
      rest = rest.subarray(length);
    }
    chunks = [rest];
    held = rest.length;
    onRead();
  });
}

/** A connection without a network, whose clock the test sets. */
export interface Bench {
  readonly socket: TestSocket;
  readonly connection: Connection;
  readonly ledger: Ledger;
  readonly peer: LargePeer;
  readonly clock: { ms: number };
}

/** The client has said its preface and `first` and our words about it are taken off. */
export function openBench(limits: Partial<Limits> = {}, first: readonly Uint8Array[] = [PREFACE, settings()]): Bench {
  const socket = new TestSocket();
  const peer = createLargePeer();
  const clock = { ms: 0 };
  const all = { ...STRICT, ...limits };
  const ledger = new Ledger(all.connectionBytes);
  const bugs: unknown[] = [];
  const connection = new Connection({
    socket,
    limits: all,
    ledger,
    now: () => clock.ms,
    prepare: preparer(peer.methods),
    onError: () => undefined,
    onBug: (cause) => void bugs.push(cause),
  });
  onTestFinished(() => {
    socket.destroy();
    expect(bugs).toEqual([]);
  });
  if (first.length > 0) socket.say(Buffer.concat(first));
  socket.takeFrames();
  return { socket, connection, ledger, peer, clock };
}

const preparer = (methods: readonly Method[]) => (head: RequestHead) => {
  const asked = readCallHead(head);
  const method = methods.find(({ path }) => path === head.path);
  if (asked.kind !== "call" || method === undefined) throw new Error(`not a call: ${head.path}`);
  return (connection: Connection, stream: ConstructorParameters<typeof GrpcCall>[1]) => {
    const grpc = new GrpcCall(connection, stream);
    grpc.start((outlet) => opener(method)(outlet, asked.call), asked.timeoutMs);
    return grpc;
  };
};

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/** Bytes of the heap and of buffers that are in use, garbage aside. */
export function bytesInUse(): number {
  collect();
  collect(); // buffers are given back by the second
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** The next turn of the event loop: what was to be written in this one has been. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
