import { once } from "node:events";
import { connect as connectSocket, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Address } from "../../src/core/rules.ts";

/**
 * A client that writes frames itself, for what no library client does: a reset alone, as Envoy ends every exchange (Node's sends
 * END_STREAM before it), a connection that breaks off, resets by thousands. RFC 9113.
 */
export interface RawClient {
  /** Opens a stream with one gRPC message and leaves it open. */
  open(path: string, message: string): number;
  send(stream: number, message: string): void;
  reset(stream: number): void;
  /** Resolves once the server has taken all frames so far; to whether it has said GOAWAY, or closed the connection. */
  flush(): Promise<{ readonly goAway: boolean }>;
  destroy(): void;
}

const Frame = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goAway: 7, windowUpdate: 8 } as const;
const ACK = 1;
const END_HEADERS = 4;
const CANCEL = 8;
const INITIAL_WINDOW_SIZE = 4;

export interface RawOptions {
  readonly window?: number; // 0: the server may send no message
  readonly tls?: { readonly ca: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
}

export async function connectRaw(address: Address, { window = 65_535, tls }: RawOptions = {}): Promise<RawClient> {
  const socket = await openSocket(address, tls);
  const seen = createReader((chunk) => socket.on("data", chunk));
  const write = (type: number, flags: number, stream: number, payload: Buffer): void => {
    const head = Buffer.alloc(9);
    head.writeUIntBE(payload.length, 0, 3);
    head.writeUInt8(type, 3);
    head.writeUInt8(flags, 4);
    head.writeUInt32BE(stream, 5);
    socket.write(Buffer.concat([head, payload]));
  };
  socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  write(Frame.settings, 0, 0, Buffer.concat([Buffer.of(0, INITIAL_WINDOW_SIZE), uint32(window)]));
  write(Frame.windowUpdate, 0, 0, uint32(2 ** 30)); // replies are not read, and must not run into a window
  const send = (stream: number, message: string): void =>
    write(Frame.data, 0, stream, Buffer.concat([Buffer.of(0), uint32(message.length), Buffer.from(message)]));
  let last = -1;
  return {
    open: (path, message) => {
      last += 2;
      write(Frame.headers, END_HEADERS, last, headers(path));
      send(last, message);
      return last;
    },
    send,
    reset: (stream) => write(Frame.reset, 0, stream, uint32(CANCEL)),
    flush: async () => {
      if (socket.closed) return { goAway: true };
      const answered = seen.pings() + 1;
      write(Frame.ping, 0, 0, Buffer.alloc(8));
      while (seen.pings() < answered && !socket.closed) await new Promise(setImmediate);
      return { goAway: seen.goAway() || socket.closed };
    },
    destroy: () => socket.destroy(),
  };
}

async function openSocket(address: Address, tls: RawOptions["tls"]): Promise<Socket> {
  const where = address.kind === "unix" ? { path: address.path } : { host: "127.0.0.1", port: address.port };
  const socket = tls ? connectTls({ ...where, ...tls, ALPNProtocols: ["h2"] }) : connectSocket(where);
  socket.on("error", () => undefined); // the server may break off
  await once(socket, tls ? "secureConnect" : "connect");
  return socket;
}

/** Opens and resets streams, a hundred at a time, until it is told to go away; whether it was. */
export async function flood(envoy: RawClient, resets: number): Promise<boolean> {
  for (let done = 0; done < resets; done += 100) {
    for (let i = 0; i < 100; i++) envoy.reset(envoy.open("/test.S/Chat", "x"));
    if ((await envoy.flush()).goAway) return true;
  }
  return false;
}

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** Literal fields, not indexed, not compressed: RFC 7541 §6.2.2. */
function headers(path: string): Buffer {
  const fields = {
    ":method": "POST",
    ":scheme": "http",
    ":path": path,
    ":authority": "test",
    te: "trailers",
    "content-type": "application/grpc",
  };
  const literal = (text: string): Buffer => Buffer.concat([Buffer.of(text.length), Buffer.from(text)]);
  return Buffer.concat(Object.entries(fields).flatMap(([name, value]) => [Buffer.of(0), literal(name), literal(value)]));
}

/** Counts the frames that matter. */
function createReader(onData: (listener: (chunk: Buffer) => void) => void): { pings(): number; goAway(): boolean } {
  let rest = Buffer.alloc(0);
  let pings = 0;
  let goAway = false;
  onData((chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
      if (rest[3] === Frame.ping && rest[4] === ACK) pings++;
      if (rest[3] === Frame.goAway) goAway = true;
      rest = rest.subarray(9 + rest.readUIntBE(0, 3));
    }
  });
  return { pings: () => pings, goAway: () => goAway };
}
