import { MalformedMessage } from "./malformed.ts";

/** Groups may lie in groups this deep: as deep as protobuf's own parsers follow them. */
export const MAX_GROUPS = 100;

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }); // a BOM is text, too

/**
 * Reads protobuf's wire format: one message and, by `enter` and `leave`, those nested in it. Never reads outside of the
 * innermost open message; throws MalformedMessage for what would, and nothing else.
 *
 * Fields come as tags (number × 8 + wire type), so a known number with another wire type is one more unknown field, which
 * `skip` passes over: as protobuf's own parsers have it. https://protobuf.dev/programming-guides/encoding/
 */
export class Reader {
  readonly bytes: Uint8Array;
  /** The index of the next byte. */
  at = 0;
  /** Where the innermost open message ends. */
  end: number;
  readonly #message: string;

  /** `message`: what the bytes should be, for the error. */
  constructor(bytes: Uint8Array, message: string) {
    this.bytes = bytes;
    this.end = bytes.length;
    this.#message = message;
  }

  /** Whether the innermost open message has another field. */
  get hasMore(): boolean {
    return this.at < this.end;
  }

  /** The next field's tag. One that no field can have is told by `skip`. */
  tag(): number {
    const byte = this.#byte();
    return byte < 0x80 ? byte : this.#longTag(byte & 0x7f);
  }

  /** Opens the message that is the next field's value; returns what `leave` wants. */
  enter(): number {
    const outer = this.end;
    this.end = this.spanEnd();
    return outer;
  }

  /** Closes the innermost open message. */
  leave(outer: number): void {
    this.end = outer;
  }

  /** Reads a length; returns where the bytes that follow it end. They are read, or passed over by setting `at`. */
  spanEnd(): number {
    const length = this.varint();
    const end = this.at + length;
    if (end > this.end) this.fail("a length beyond the end");
    return end;
  }

  /** A bool: any number but 0 is true. */
  bool(): boolean {
    return this.varint() !== 0;
  }

  /** An unsigned number of up to 64 bits; exact up to 2⁵³. */
  varint(): number {
    const byte = this.#byte();
    return byte < 0x80 ? byte : this.#longVarint(byte & 0x7f);
  }

  /** Text; bytes that are not UTF-8 are malformed. */
  text(): string {
    const end = this.spanEnd();
    const bytes = this.bytes.subarray(this.at, end);
    this.at = end;
    try {
      return UTF8.decode(bytes);
    } catch {
      return this.fail("text that is not UTF-8");
    }
  }

  /** Passes over the value of the field with this tag, groups and all. */
  skip(tag: number): void {
    this.#skip(tag, 0);
  }

  /** Passes over the message that is the next field's value, field by field: its content, too, has to be well formed. */
  skipMessage(): void {
    const outer = this.enter();
    while (this.hasMore) this.skip(this.tag());
    this.leave(outer);
  }

  /** Throws MalformedMessage. */
  fail(reason: string): never {
    throw new MalformedMessage(this.#message, reason);
  }

  #skip(tag: number, groups: number): void {
    if (tag < 8) this.fail("a field with the number 0");
    switch (tag & 7) {
      case 0:
        this.varint();
        break;
      case 1:
        this.#pass(8);
        break;
      case 2:
        this.at = this.spanEnd();
        break;
      case 3:
        this.#skipGroup(tag, groups + 1);
        break;
      case 5:
        this.#pass(4);
        break;
      default:
        this.fail("an end without a group, or a wire type that is none");
    }
  }

  #skipGroup(start: number, groups: number): void {
    if (groups > MAX_GROUPS) this.fail("groups too deep");
    for (let tag = this.tag(); tag !== start + 1; tag = this.tag()) this.#skip(tag, groups);
  }

  #pass(count: number): void {
    if (count > this.end - this.at) this.fail("a number beyond the end");
    this.at += count;
  }

  #byte(): number {
    if (this.at >= this.end) this.fail("an end inside a field");
    return this.bytes[this.at++] ?? 0;
  }

  /** What follows a varint's first byte: at most nine bytes, and 64 bits in all. */
  #longVarint(first: number): number {
    let value = first;
    for (let factor = 2 ** 7; factor <= 2 ** 63; factor *= 2 ** 7) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        if (factor === 2 ** 63 && byte > 1) break;
        return value;
      }
    }
    return this.fail("a number of more than 64 bits");
  }

  /** A tag is a uint32, in five bytes at most. */
  #longTag(first: number): number {
    const start = this.at;
    const tag = this.#longVarint(first);
    if (this.at - start > 4 || tag > 0xffffffff) this.fail("a tag of more than 32 bits");
    return tag;
  }
}
