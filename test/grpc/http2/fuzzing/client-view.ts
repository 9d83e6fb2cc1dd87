import { HpackDecoder } from "../../../../src/grpc/hpack/decoder.ts";
import { DEFAULT_WINDOW, Flag, Frame, PREFACE, Setting } from "../../../../src/grpc/http2/protocol.ts";
import { parseFrames, type WireFrame } from "../frames.ts";

/** One request as its client has made it so far. */
export interface Request {
  path: string;
  isPlain: boolean; // a call without a deadline, compression or anything else that may end it early
  readonly body: Buffer[];
  hasEnded: boolean;
  wasReset: boolean;
  granted: number; // bytes by which it has widened the stream's window
}

/** What a client that keeps every rule has said. */
export interface ClientView {
  readonly requests: ReadonlyMap<number, Request>;
  readonly granted: number; // the connection's window, with all that was added
  readonly largestWindow: number; // of new streams, at any time
}

export function readClient(said: Buffer): ClientView {
  const view = new View();
  for (const frame of parseFrames(said.subarray(PREFACE.length))) view.take(frame);
  return view;
}

class View implements ClientView {
  readonly requests = new Map<number, Request>();
  granted = DEFAULT_WINDOW;
  largestWindow = 0;
  readonly #decoder = new HpackDecoder({ maxTableBytes: 4096, maxListBytes: 65_536 });
  #block = Buffer.alloc(0);

  take(frame: WireFrame): void {
    const { type, flags, stream, payload } = frame;
    if (type === Frame.settings && (flags & Flag.ack) === 0) this.#takeSettings(payload);
    if (type === Frame.windowUpdate && stream === 0) this.granted += payload.readUInt32BE(0);
    else if (type === Frame.windowUpdate) this.#request(stream).granted += payload.readUInt32BE(0);
    else if (type === Frame.rstStream) this.#request(stream).wasReset = true;
    else if (type === Frame.headers || type === Frame.continuation) this.#takeBlock(frame);
    else if (type === Frame.data) this.#request(stream).body.push(bytesOf(frame));
    if ((type === Frame.headers || type === Frame.data) && flags & Flag.endStream) this.#request(stream).hasEnded = true;
  }

  #takeSettings(payload: Buffer): void {
    for (let at = 0; at < payload.length; at += 6) {
      if (payload.readUInt16BE(at) === Setting.initialWindowSize)
        this.largestWindow = Math.max(this.largestWindow, payload.readUInt32BE(at + 2));
    }
    if (this.largestWindow === 0) this.largestWindow = DEFAULT_WINDOW; // never said, or 0 and then not more than that
  }

  #takeBlock(frame: WireFrame): void {
    this.#block = Buffer.concat([this.#block, frame.type === Frame.headers ? bytesOf(frame) : frame.payload]);
    if ((frame.flags & Flag.endHeaders) === 0) return;
    const fields = new Map(this.#decoder.decode(this.#block).fields.map(({ name, value }) => [name, value]));
    const request = this.#request(frame.stream);
    if (fields.has(":path")) {
      request.path = fields.get(":path") ?? "";
      const isCall = fields.get(":method") === "POST" && fields.get("content-type") === "application/grpc";
      request.isPlain = isCall && !fields.has("grpc-timeout") && !fields.has("grpc-encoding");
    }
    this.#block = Buffer.alloc(0);
  }

  #request(id: number): Request {
    const request = this.requests.get(id) ?? { path: "", isPlain: false, body: [], hasEnded: false, wasReset: false, granted: 0 };
    this.requests.set(id, request);
    return request;
  }
}

/** A payload without padding and priority. */
function bytesOf({ type, flags, payload }: WireFrame): Buffer {
  const isPadded = (flags & Flag.padded) !== 0;
  const from = (isPadded ? 1 : 0) + (type === Frame.headers && flags & Flag.priority ? 5 : 0);
  return payload.subarray(from, payload.length - (isPadded ? (payload[0] ?? 0) : 0));
}

/** The messages of a body that is whole. */
export function messagesOf(body: Buffer): readonly string[] {
  const messages: string[] = [];
  for (let at = 0; at < body.length; ) {
    const end = at + 5 + body.readUInt32BE(at + 1);
    messages.push(body.toString("latin1", at + 5, end));
    at = end;
  }
  return messages;
}
