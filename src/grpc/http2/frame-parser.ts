import type { Limits } from "../limits.ts";
import { HeaderBlock } from "./header-block.ts";
import { ConnectionError, ErrorCode, Flag, Frame, protocolError } from "./protocol.ts";

/** What the frames of a peer say, each well formed by itself. Any of these may throw ConnectionError or StreamError. */
export interface Inbound {
  /** A whole header block, `bytes` from `start` to `end`: of a new stream, or trailers. */
  onBlock(id: number, bytes: Buffer, start: number, end: number, endsStream: boolean, dependsOnItself: boolean): void;
  /** DATA: its bytes without the padding, and how many count against the windows. */
  onData(id: number, bytes: Buffer, from: number, to: number, flowBytes: number, endsStream: boolean): void;
  onReset(id: number): void;
  /** The window of a stream, or of the connection (0), grows by this; 0 is for the hearer to refuse. */
  onWindowUpdate(id: number, increment: number): void;
  /** Settings to apply; an acknowledgement of ours when there are none to. */
  onSettings(bytes: Buffer, start: number, end: number, isAck: boolean): void;
  /** Eight bytes from `start`: to be sent back, or sent back to us. */
  onPing(bytes: Buffer, start: number, isAck: boolean): void;
  onPriority(id: number, dependsOnItself: boolean): void;
  onGoAway(): void;
  /** A frame of a type that means nothing here. */
  onUnknown(): void;
}

/** Checks each frame for itself, puts header blocks together, and hands over what it says. RFC 9113 §6. */
export class FrameParser {
  readonly #inbound: Inbound;
  readonly #limits: Limits;
  #block: HeaderBlock | undefined; // of which CONTINUATION frames are to come
  #hasSettings = false;

  constructor(inbound: Inbound, limits: Limits) {
    this.#inbound = inbound;
    this.#limits = limits;
  }

  /** True once the peer has said SETTINGS, as it must before anything else. */
  get hasSettings(): boolean {
    return this.#hasSettings;
  }

  /** One frame, its payload `bytes` from `start` to `end`. Throws ConnectionError, and what its hearer throws. */
  parse(type: number, flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    if (this.#block !== undefined && type !== Frame.continuation) throw protocolError("a header block is interrupted");
    if (!this.#hasSettings && type !== Frame.settings) throw protocolError("the first frame is not SETTINGS");
    switch (type) {
      case Frame.data:
        this.#data(flags, id, bytes, start, end);
        break;
      case Frame.headers:
        this.#headers(flags, id, bytes, start, end);
        break;
      case Frame.continuation:
        this.#continuation(flags, id, bytes, start, end);
        break;
      case Frame.rstStream:
        if (end - start !== 4) throw wrongSize("RST_STREAM is not four bytes");
        this.#inbound.onReset(id);
        break;
      case Frame.windowUpdate:
        if (end - start !== 4) throw wrongSize("WINDOW_UPDATE is not four bytes");
        this.#inbound.onWindowUpdate(id, bytes.readUInt32BE(start) & 0x7fffffff);
        break;
      case Frame.settings:
        this.#settings(flags, id, bytes, start, end);
        break;
      case Frame.ping:
        if (id !== 0) throw protocolError("PING on a stream");
        if (end - start !== 8) throw wrongSize("PING is not eight bytes");
        this.#inbound.onPing(bytes, start, (flags & Flag.ack) !== 0);
        break;
      case Frame.priority:
        if (id === 0) throw protocolError("PRIORITY on stream 0");
        if (end - start !== 5) throw wrongSize("PRIORITY is not five bytes");
        this.#inbound.onPriority(id, (bytes.readUInt32BE(start) & 0x7fffffff) === id);
        break;
      case Frame.goAway:
        if (id !== 0) throw protocolError("GOAWAY on a stream");
        if (end - start < 8) throw wrongSize("GOAWAY is too short");
        this.#inbound.onGoAway();
        break;
      case Frame.pushPromise:
        throw protocolError("a client cannot push");
      default:
        this.#inbound.onUnknown(); // RFC 9113 §5.5
    }
  }

  #data(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    if (id === 0) throw protocolError("DATA on stream 0");
    const padding = paddingOf(flags, bytes, start, end);
    const from = flags & Flag.padded ? start + 1 : start;
    this.#inbound.onData(id, bytes, from, end - padding, end - start, (flags & Flag.endStream) !== 0);
  }

  #headers(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    if (id === 0) throw protocolError("HEADERS on stream 0");
    const to = end - paddingOf(flags, bytes, start, end);
    let from = flags & Flag.padded ? start + 1 : start;
    let dependsOn = 0;
    if (flags & Flag.priority) {
      if (to - from < 5) throw wrongSize("HEADERS too short for its priority");
      dependsOn = bytes.readUInt32BE(from) & 0x7fffffff;
      from += 5;
    }
    const endsStream = (flags & Flag.endStream) !== 0;
    if (flags & Flag.endHeaders) {
      this.#inbound.onBlock(id, bytes, from, to, endsStream, dependsOn === id);
    } else {
      this.#block = new HeaderBlock({ id, endsStream, dependsOnItself: dependsOn === id }, this.#limits);
      this.#block.add(bytes.subarray(from, to));
    }
  }

  #continuation(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    const block = this.#block;
    if (block === undefined || block.head.id !== id) throw protocolError("CONTINUATION of nothing");
    block.add(bytes.subarray(start, end));
    if ((flags & Flag.endHeaders) === 0) return;
    this.#block = undefined;
    const whole = block.join();
    this.#inbound.onBlock(id, whole, 0, whole.length, block.head.endsStream, block.head.dependsOnItself);
  }

  #settings(flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    if (id !== 0) throw protocolError("SETTINGS on a stream");
    const isAck = (flags & Flag.ack) !== 0;
    if (isAck ? end > start : (end - start) % 6 !== 0) throw wrongSize("SETTINGS of a wrong length");
    this.#hasSettings = true;
    this.#inbound.onSettings(bytes, start, end, isAck);
  }
}

/** How many bytes at a frame's end are padding. RFC 9113 §6.1. */
function paddingOf(flags: number, bytes: Buffer, start: number, end: number): number {
  if ((flags & Flag.padded) === 0) return 0;
  const padding = start < end ? (bytes[start] ?? 0) : end;
  if (padding > end - start - 1) throw protocolError("more padding than frame");
  return padding;
}

const wrongSize = (message: string): ConnectionError => new ConnectionError(ErrorCode.frameSizeError, message);
