import { toByteString } from "../core/bytes.ts";

/**
 * One message in protobuf's wire format, as `fill` writes it; the bytes are the caller's own. `fill` must not call it in turn,
 * for all messages are written in one buffer.
 */
export function writeMessage(fill: (writer: Writer) => void): Uint8Array {
  shared.clear();
  fill(shared);
  return shared.copy();
}

/** More than nearly all replies need; a larger buffer is not kept. */
const USUAL_BYTES = 16 * 1024;

/**
 * Writes protobuf's wire format from the last byte to the first, as upb does: then the length of a nested message is known when
 * it is its turn. So what is to come last is written first: of fields, and of what lies in a field.
 */
export class Writer {
  #bytes = new Uint8Array(USUAL_BYTES);
  #written = 0; // at the buffer's end

  /** Remembers where a nested message is to end: before what has been written. Its fields come next, then `close`. */
  mark(): number {
    return this.#written;
  }

  /** Makes what was written since the mark the value of a field. */
  close(tag: number, mark: number): void {
    this.#varint(this.#written - mark);
    this.#byte(tag);
  }

  /** A uint32. Throws TypeError for any other number. */
  number(tag: number, value: number): void {
    if (value >>> 0 !== value) throw new TypeError(`not a uint32: ${value}`);
    this.#varint(value);
    this.#byte(tag);
  }

  bool(tag: number, value: boolean): void {
    this.number(tag, value ? 1 : 0);
  }

  double(tag: number, value: number): void {
    const at = this.#claim(8);
    new DataView(this.#bytes.buffer).setFloat64(at, value, true);
    this.#byte(tag);
  }

  /** A byte string, one byte per char. */
  byteString(tag: number, value: string): void {
    const mark = this.#written;
    const at = this.#claim(value.length);
    const bytes = this.#bytes;
    for (let i = 0; i < value.length; i++) bytes[at + i] = value.charCodeAt(i);
    this.close(tag, mark);
  }

  /** Text, as UTF-8. */
  text(tag: number, value: string): void {
    this.byteString(tag, toByteString(value));
  }

  bytes(tag: number, value: Uint8Array): void {
    const mark = this.#written;
    const at = this.#claim(value.length); // may replace the buffer
    this.#bytes.set(value, at);
    this.close(tag, mark);
  }

  /** Forgets everything written. */
  clear(): void {
    this.#written = 0;
    if (this.#bytes.length > USUAL_BYTES) this.#bytes = new Uint8Array(USUAL_BYTES);
  }

  /** What is written, as bytes of their own. */
  copy(): Uint8Array {
    return Buffer.from(this.#bytes.subarray(this.#bytes.length - this.#written)); // from Node's pool: a tenth of a new Uint8Array's time
  }

  #varint(value: number): void {
    let shift = 7 * Math.floor((31 - Math.clz32(value | 1)) / 7); // of the highest seven bits: they come last, so are first here
    this.#byte(value >>> shift);
    while (shift > 0) {
      shift -= 7;
      this.#byte(((value >>> shift) & 0x7f) | 0x80);
    }
  }

  #byte(value: number): void {
    const at = this.#claim(1);
    this.#bytes[at] = value;
  }

  /** Takes that many bytes before those written; returns the index of the first. */
  #claim(count: number): number {
    const size = this.#written + count;
    if (size > this.#bytes.length) this.#grow(size);
    this.#written = size;
    return this.#bytes.length - size;
  }

  #grow(size: number): void {
    const { length } = this.#bytes;
    const larger = new Uint8Array(Math.max(size, 2 * length));
    larger.set(this.#bytes.subarray(length - this.#written), larger.length - this.#written);
    this.#bytes = larger;
  }
}

const shared = new Writer();
