import type { Duplex } from "node:stream";
import { DEFAULT_FRAME_BYTES, FRAME_HEADER_BYTES, Frame, Setting } from "./protocol.ts";

const SMALL_BYTES = 16 * 1024; // kept between writes
const FULL_BYTES = 256 * 1024; // written before more is collected

/**
 * What is to be written: frames collect in one buffer, and leave in one write. A socket that takes a write at once lets the
 * buffer be used again.
 */
export class Outbox {
  readonly #socket: Duplex;
  #bytes = Buffer.allocUnsafeSlow(SMALL_BYTES);
  #length = 0;

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** True once so much has collected that it should leave before more does. */
  get isFull(): boolean {
    return this.#length >= FULL_BYTES;
  }

  /** One frame with the payload `bytes` from `start` to `end`. */
  frame(type: number, flags: number, streamId: number, bytes: Uint8Array = NOTHING, start = 0, end = bytes.length): void {
    const length = end - start;
    const at = this.#header(length, type, flags, streamId);
    if (length > 0) this.#bytes.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), at);
  }

  /** One frame whose payload is one or more 32-bit numbers. */
  words(type: number, flags: number, streamId: number, ...words: readonly number[]): void {
    let at = this.#header(words.length * 4, type, flags, streamId);
    for (const word of words) at = this.#bytes.writeUInt32BE(word >>> 0, at);
  }

  /** One SETTINGS frame. */
  settings(settings: Partial<Record<keyof typeof Setting, number>>): void {
    const entries = Object.entries(settings);
    let at = this.#header(entries.length * 6, Frame.settings, 0, 0);
    for (const [name, value] of entries) {
      at = this.#bytes.writeUInt16BE(Setting[name as keyof typeof Setting], at);
      at = this.#bytes.writeUInt32BE(value, at);
    }
  }

  /** A gRPC message in as many DATA frames as `frameBytes` asks for, its five-byte prefix in the first. */
  message(streamId: number, message: Uint8Array, frameBytes: number): void {
    const first = Math.min(frameBytes - PREFIX_BYTES, message.length);
    const at = this.#header(PREFIX_BYTES + first, Frame.data, 0, streamId);
    this.#bytes[at] = 0; // not compressed
    this.#bytes.writeUInt32BE(message.length, at + 1);
    this.#bytes.set(first === message.length ? message : message.subarray(0, first), at + PREFIX_BYTES);
    for (let from = first; from < message.length; from += frameBytes) {
      this.frame(Frame.data, 0, streamId, message, from, Math.min(from + frameBytes, message.length));
    }
  }

  /** Hands everything to the socket in one write. False when the socket has more than it can take. */
  flush(): boolean {
    if (this.#length === 0) return true;
    const taken = this.#socket.write(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    // What the socket still holds is ours no longer to write to.
    if (this.#socket.writableLength > 0 || this.#bytes.length > FULL_BYTES) this.#bytes = Buffer.allocUnsafeSlow(SMALL_BYTES);
    return taken;
  }

  #header(length: number, type: number, flags: number, streamId: number): number {
    const at = this.#reserve(FRAME_HEADER_BYTES + length);
    const bytes = this.#bytes;
    bytes[at] = length >>> 16;
    bytes[at + 1] = length >>> 8;
    bytes[at + 2] = length;
    bytes[at + 3] = type;
    bytes[at + 4] = flags;
    bytes[at + 5] = streamId >>> 24;
    bytes[at + 6] = streamId >>> 16;
    bytes[at + 7] = streamId >>> 8;
    bytes[at + 8] = streamId;
    return at + FRAME_HEADER_BYTES;
  }

  #reserve(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.#length, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    return at;
  }
}

/** Before each gRPC message: a flag, and its length in four bytes. */
export const PREFIX_BYTES = 5;

/** The largest DATA frame we write, whatever more the peer would take: others' frames get their turn. */
export const DATA_FRAME_BYTES = DEFAULT_FRAME_BYTES;

const NOTHING = new Uint8Array(0);
