import { HpackDecoder } from "../../../../src/grpc/hpack/decoder.ts";
import type { HeaderField } from "../../../../src/grpc/hpack/field.ts";
import { ErrorCode, Flag, Frame, MAX_STREAM_ID } from "../../../../src/grpc/http2/protocol.ts";
import { parseFrames, type WireFrame } from "../frames.ts";

/** One stream as the client has seen it. */
export interface SeenStream {
  readonly fields: HeaderField[];
  readonly body: Buffer[];
  state: "none" | "open" | "ended" | "reset";
}

/** What a strict client makes of all that a server has written. */
export interface Seen {
  readonly streams: ReadonlyMap<number, SeenStream>;
  readonly pongs: readonly string[];
  readonly error: number | undefined; // of a GOAWAY that is one
  readonly isLeaving: boolean; // a GOAWAY of any kind
  readonly isRefusing: boolean; // one that names the last stream
}

/** Reads it, and throws at the first thing that no server may write. */
export function judge(written: Buffer): Seen {
  const judgement = new Judgement();
  for (const frame of parseFrames(written)) judgement.take(frame);
  judgement.finish();
  return judgement;
}

class Judgement implements Seen {
  readonly streams = new Map<number, SeenStream>();
  readonly pongs: string[] = [];
  readonly #decoder = new HpackDecoder({ maxTableBytes: 4096, maxListBytes: 65_536 });
  error: number | undefined;
  isLeaving = false;
  isRefusing = false;
  #frames = 0;

  take(frame: WireFrame): void {
    if (this.error !== undefined) throw new Error("a frame after the GOAWAY that ends the connection");
    if (this.#frames++ === 0 && (frame.type !== Frame.settings || frame.flags !== 0)) throw new Error("the first frame is not SETTINGS");
    const isOfStream = frame.type === Frame.data || frame.type === Frame.headers || frame.type === Frame.rstStream;
    if (isOfStream !== frame.stream > 0 && frame.type !== Frame.windowUpdate)
      throw new Error(`frame type ${frame.type} on stream ${frame.stream}`);
    const { type, payload } = frame;
    if (isOfStream) {
      this.#takeStream(frame, this.#stream(frame.stream));
      return;
    }
    if (type === Frame.ping && frame.flags === Flag.ack) this.pongs.push(payload.toString("hex"));
    else if (type === Frame.goAway) this.#takeGoAway(payload);
    if (payload.length !== lengthOf(frame)) throw new Error(`frame type ${type} of ${payload.length} bytes`);
  }

  /** A body of gRPC that has ended is whole messages. */
  finish(): void {
    for (const [id, { state, body, fields }] of this.streams) {
      const isGrpc = fields.some(({ name, value }) => name === "content-type" && value === "application/grpc");
      if (state !== "ended" || !isGrpc) continue;
      let rest = Buffer.concat(body);
      while (rest.length >= 5) rest = rest.subarray(5 + rest.readUInt32BE(1));
      if (rest.length > 0) throw new Error(`stream ${id} ends inside a message`);
      if (!fields.some(({ name }) => name === "grpc-status")) throw new Error(`stream ${id} ends without grpc-status`);
    }
  }

  #stream(id: number): SeenStream {
    const stream = this.streams.get(id) ?? { fields: [], body: [], state: "none" };
    this.streams.set(id, stream);
    return stream;
  }

  #takeStream({ type, flags, stream: id, payload }: WireFrame, stream: SeenStream): void {
    if (type === Frame.rstStream) {
      if (payload.length !== 4) throw new Error("RST_STREAM is not four bytes");
      stream.state = "reset"; // once more, if the peer goes on: RFC 9113 §5.4.2
      return;
    }
    if (stream.state === "reset") throw new Error(`a frame on stream ${id} after its reset`);
    if (stream.state === "ended") throw new Error(`a frame on stream ${id} after its end`);
    if (type === Frame.headers) this.#takeHeaders(flags, payload, stream);
    else if (stream.state === "none") throw new Error(`DATA on stream ${id} before HEADERS`);
    else stream.body.push(payload);
    stream.state = flags & Flag.endStream ? "ended" : "open";
  }

  #takeHeaders(flags: number, payload: Buffer, stream: SeenStream): void {
    if ((flags & Flag.endHeaders) === 0) throw new Error("HEADERS without END_HEADERS");
    const { fields } = this.#decoder.decode(payload);
    if ((stream.state === "none") !== (fields[0]?.name === ":status")) throw new Error("a status in the wrong place");
    if (stream.state === "open" && (flags & Flag.endStream) === 0) throw new Error("trailers that do not end");
    stream.fields.push(...fields);
  }

  #takeGoAway(payload: Buffer): void {
    const code = payload.readUInt32BE(4);
    this.isLeaving = true;
    this.isRefusing ||= payload.readUInt32BE(0) < MAX_STREAM_ID;
    if (code !== ErrorCode.noError) this.error = code;
  }
}

/** The length a frame of this type has to have. */
function lengthOf({ type, flags, payload }: WireFrame): number {
  switch (type) {
    case Frame.settings:
      return flags & Flag.ack ? 0 : payload.length - (payload.length % 6);
    case Frame.ping:
    case Frame.goAway:
      return 8;
    case Frame.windowUpdate:
      return 4;
    default:
      throw new Error(`a frame of type ${type}`);
  }
}
