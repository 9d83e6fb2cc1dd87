import { ConnectionError, DEFAULT_FRAME_BYTES, ErrorCode, FRAME_HEADER_BYTES, PREFACE } from "./protocol.ts";

/**
 * Hears of each frame: its payload is `bytes` from `start` to `end`, valid for good (it is never written to again, though it may
 * keep a whole read alive).
 */
export type OnFrame = (type: number, flags: number, streamId: number, bytes: Buffer, start: number, end: number) => void;

/**
 * Cuts what arrives, in pieces of any size, into frames: in place where a frame lies in one piece, copied together where it does
 * not. Holds at most one frame. RFC 9113 §3.4, §4.1.
 */
export class FrameReader {
  readonly #onFrame: OnFrame;
  readonly #header = Buffer.alloc(FRAME_HEADER_BYTES);
  #prefaceLeft = PREFACE.length;
  #headerHeld = 0; // bytes of a header cut in two
  #payload: Buffer | undefined; // of a frame cut in two, once its header is whole
  #payloadHeld = 0;

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame;
  }

  /** Reports the frames that this piece completes. Throws ConnectionError, and whatever the hearer throws. */
  read(chunk: Buffer): void {
    let at = this.#prefaceLeft > 0 ? this.#checkPreface(chunk) : 0;
    while (at < chunk.length) {
      at = this.#headerHeld === 0 && chunk.length - at >= FRAME_HEADER_BYTES ? this.#readWhole(chunk, at) : this.#hold(chunk, at);
    }
  }

  /** A frame that begins in this piece; handed over at once when it ends there too. */
  #readWhole(chunk: Buffer, at: number): number {
    const length = lengthOf(chunk, at);
    const start = at + FRAME_HEADER_BYTES;
    const end = start + length;
    if (end > chunk.length) return this.#hold(chunk, at);
    this.#onFrame(chunk[at + 3] ?? 0, chunk[at + 4] ?? 0, chunk.readUInt32BE(at + 5) & 0x7fffffff, chunk, start, end);
    return end;
  }

  /** Copies as much of the frame under way as there is. */
  #hold(chunk: Buffer, from: number): number {
    let at = from;
    if (this.#headerHeld < FRAME_HEADER_BYTES) {
      const copied = chunk.copy(this.#header, this.#headerHeld, at);
      this.#headerHeld += copied;
      at += copied;
      if (this.#headerHeld < FRAME_HEADER_BYTES) return at;
    }
    this.#payload ??= Buffer.allocUnsafeSlow(lengthOf(this.#header, 0));
    const copied = chunk.copy(this.#payload, this.#payloadHeld, at);
    this.#payloadHeld += copied;
    if (this.#payloadHeld === this.#payload.length) this.#release(this.#payload);
    return at + copied;
  }

  #release(payload: Buffer): void {
    const header = this.#header;
    this.#payload = undefined;
    this.#payloadHeld = 0;
    this.#headerHeld = 0;
    this.#onFrame(header[3] ?? 0, header[4] ?? 0, header.readUInt32BE(5) & 0x7fffffff, payload, 0, payload.length);
  }

  #checkPreface(chunk: Buffer): number {
    const done = PREFACE.length - this.#prefaceLeft;
    const here = Math.min(this.#prefaceLeft, chunk.length);
    if (PREFACE.compare(chunk, 0, here, done, done + here) !== 0) {
      throw new ConnectionError(ErrorCode.protocolError, "not an HTTP/2 client: no preface");
    }
    this.#prefaceLeft -= here;
    return here;
  }
}

function lengthOf(bytes: Buffer, at: number): number {
  const length = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
  if (length > DEFAULT_FRAME_BYTES) throw new ConnectionError(ErrorCode.frameSizeError, `a frame of ${length} bytes`);
  return length;
}
