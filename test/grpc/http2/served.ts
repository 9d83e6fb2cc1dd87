import { Ledger } from "../../../src/grpc/http2/bucket.ts";
import { Connection, type ConnectionOptions } from "../../../src/grpc/http2/connection.ts";
import { Flag, Frame, PREFACE } from "../../../src/grpc/http2/protocol.ts";
import { type Limits, TRUSTED } from "../../../src/grpc/limits.ts";
import { preparer } from "../../../src/grpc/own.ts";
import type { Method } from "../../../src/grpc/types.ts";
import { settings, type WireFrame } from "./frames.ts";
import { TestSocket } from "./socket.ts";

/** A connection of a server in this process, and what has become of it. */
export interface Served {
  readonly socket: TestSocket;
  readonly connection: Connection;
  readonly process: Ledger;
  readonly errors: readonly string[]; // why we ended it
  readonly bugs: readonly unknown[];
  /** Time moves only so; the time then. */
  wait(ms: number): number;
  /** Lets these arrive in one piece; what was written in reply, with all that was late. */
  say(...frames: readonly Uint8Array[]): Promise<readonly WireFrame[]>;
}

export interface ServeOptions {
  readonly methods?: readonly Method[];
  readonly prepare?: ConnectionOptions["prepare"];
  readonly limits?: Partial<Limits>;
  readonly greeting?: readonly Uint8Array[]; // what the client has said first; absent: preface and settings
}

/** Opens it; the greeting is over, and what it made us write is taken. */
export async function serve({ methods = [], prepare, limits, greeting = [PREFACE, settings()] }: ServeOptions = {}): Promise<Served> {
  const socket = new TestSocket();
  const bounds = { ...TRUSTED, ...limits };
  const process = new Ledger(bounds.processBytes);
  const errors: string[] = [];
  const bugs: unknown[] = [];
  let nowMs = 0;
  const connection = new Connection({
    ...{
      socket,
      limits: bounds,
      ledger: new Ledger(bounds.connectionBytes, process),
      now: () => nowMs,
      prepare: prepare ?? preparer(methods),
    },
    onError: ({ message }) => errors.push(message),
    onBug: (cause) => bugs.push(cause),
  });
  const say = async (...frames: readonly Uint8Array[]): Promise<readonly WireFrame[]> => {
    if (frames.length > 0) socket.say(Buffer.concat(frames));
    for (let i = 0; i < 5; i++) await new Promise(setImmediate);
    return socket.takeFrames();
  };
  await say(...greeting);
  const wait = (ms: number): number => {
    nowMs += ms;
    return nowMs;
  };
  return { socket, connection, process, errors, bugs, wait, say };
}

const NAMES = Object.fromEntries(Object.entries(Frame).map(([name, type]) => [type, name]));

/** A frame in words: its name, its stream unless that is 0, `end` when it ends the stream, and the code of an error. */
export function describeFrame({ type, flags, stream, payload }: WireFrame): string {
  const words = [NAMES[type] ?? String(type)];
  if (stream > 0) words.push(String(stream));
  if ((type === Frame.headers || type === Frame.data) && flags & Flag.endStream) words.push("end");
  if ((type === Frame.settings || type === Frame.ping) && flags & Flag.ack) words.push("ack");
  if (type === Frame.rstStream) words.push(String(payload.readUInt32BE(0)));
  if (type === Frame.goAway) words.push(String(payload.readUInt32BE(4)));
  return words.join(" ");
}

export const describeFrames = (frames: readonly WireFrame[]): readonly string[] => frames.map(describeFrame);
