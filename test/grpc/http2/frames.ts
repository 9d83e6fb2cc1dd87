import { encodeBlock } from "../../../src/grpc/hpack/encoder.ts";
import type { HeaderField } from "../../../src/grpc/hpack/field.ts";
import { DEFAULT_FRAME_BYTES, Flag, FRAME_HEADER_BYTES, Frame, Setting } from "../../../src/grpc/http2/protocol.ts";

/** One frame, as RFC 9113 §4.1 has it. */
export interface WireFrame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

const NOTHING = Buffer.alloc(0);

export function frame(type: number, flags: number, stream: number, payload: Uint8Array = NOTHING): Buffer {
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  header.writeUIntBE(payload.length, 0, 3);
  header.writeUInt8(type, 3);
  header.writeUInt8(flags, 4);
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}

export const encodeFrame = ({ type, flags, stream, payload }: WireFrame): Buffer => frame(type, flags, stream, payload);

/** All of it, as frames. Throws when it does not end with one, or when one is larger than anybody may send us. */
export function parseFrames(bytes: Buffer): readonly WireFrame[] {
  const frames: WireFrame[] = [];
  for (let at = 0; at < bytes.length; ) {
    const start = at + FRAME_HEADER_BYTES;
    if (start > bytes.length) throw new Error("bytes after the last frame");
    const end = start + bytes.readUIntBE(at, 3);
    if (end - start > DEFAULT_FRAME_BYTES || end > bytes.length) throw new Error("a frame too long");
    const [type = 0, flags = 0] = bytes.subarray(at + 3, at + 5);
    frames.push({ type, flags, stream: bytes.readUInt32BE(at + 5), payload: bytes.subarray(start, end) });
    at = end;
  }
  return frames;
}

export function uint32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, 4 * i);
  return bytes;
}

export const settings = (values: Partial<Record<keyof typeof Setting, number>> = {}): Buffer =>
  frame(
    Frame.settings,
    0,
    0,
    settingsPayload(Object.entries(values).map(([name, value]) => [Setting[name as keyof typeof Setting], value])),
  );

/** Settings by number, in this order. */
export function settingsPayload(entries: readonly (readonly [id: number, value: number])[]): Buffer {
  return Buffer.concat(
    entries.map(([id, value]) => {
      const entry = Buffer.alloc(6);
      entry.writeUInt16BE(id);
      entry.writeUInt32BE(value, 2);
      return entry;
    }),
  );
}

export const SETTINGS_ACK = frame(Frame.settings, Flag.ack, 0);

/** The head of a gRPC call, with what is given in place of its usual fields or after them; undefined leaves one out. */
export function grpcHead(path: string, more: Readonly<Record<string, string | undefined>> = {}): readonly HeaderField[] {
  const usual = { ":method": "POST", ":scheme": "http", ":path": path, ":authority": "test", "content-type": "application/grpc" };
  return Object.entries({ ...usual, te: "trailers", ...more }).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}

export const headers = (stream: number, fields: readonly HeaderField[], flags = 0): Buffer =>
  frame(Frame.headers, Flag.endHeaders | flags, stream, encodeBlock(fields));

/** A gRPC message with its prefix. */
export const message = (body: string | Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(0), uint32(Buffer.from(body).length), Buffer.from(body)]);

/** A body's bytes in one frame. */
export const data = (stream: number, bytes: string | Uint8Array, flags = 0): Buffer => frame(Frame.data, flags, stream, Buffer.from(bytes));

export const reset = (stream: number, code: number): Buffer => frame(Frame.rstStream, 0, stream, uint32(code));
export const windowUpdate = (stream: number, increment: number): Buffer => frame(Frame.windowUpdate, 0, stream, uint32(increment));
export const ping = (words: Uint8Array = Buffer.alloc(8), flags = 0): Buffer => frame(Frame.ping, flags, 0, words);
