import type { Ledger } from "./http2/bucket.ts";
import { Code, StatusError } from "./types.ts";

const PREFIX_BYTES = 5;
const FIRST_BYTES = 16 * 1024; // of a message in parts; more as more of it comes, whatever length it claims

/**
 * Cuts gRPC messages out of a body that comes in pieces of any size: in place where a message lies in one piece, copied together
 * where it does not. What is held is entered in a ledger. gRPC over HTTP/2, "Length-Prefixed-Message".
 */
export class MessageReader {
  readonly #maxBytes: number;
  readonly #ledger: () => Ledger;
  #piece: Buffer = NOTHING; // from which messages are being cut
  #at = 0;
  #end = 0;
  readonly #later: Buffer[] = []; // pieces that came while nobody cut; copies
  #prefix: Buffer | undefined; // of a message in parts; nearly no stream has one
  #prefixHeld = 0;
  #body: Buffer | undefined; // of the message in parts
  #bodyHeld = 0;

  /** `ledger` is made when the first byte has to be held: most streams hold none. */
  constructor(maxBytes: number, ledger: () => Ledger) {
    this.#maxBytes = maxBytes;
    this.#ledger = ledger;
  }

  /** True between two messages, with nothing left to cut. */
  get isEmpty(): boolean {
    return this.#at === this.#end && this.#later.length === 0 && this.#prefixHeld === 0;
  }

  /** Takes a piece to cut now; call `next` until it says that there is none. */
  push(bytes: Buffer, start: number, end: number): void {
    this.#piece = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** Takes a piece for later. Throws StatusError RESOURCE_EXHAUSTED. */
  hold(bytes: Buffer, start: number, end: number): void {
    this.#take(end - start);
    const last = this.#later.at(-1);
    const piece = bytes.subarray(start, end);
    if (last !== undefined && last.length + piece.length <= JOINED_BYTES) this.#later[this.#later.length - 1] = join(last, piece);
    else this.#later.push(join(NOTHING, piece)); // a view would keep the whole read alive
  }

  /** Keeps what is left of the piece for later. Throws StatusError RESOURCE_EXHAUSTED. */
  park(): void {
    if (this.#at === this.#end) return;
    this.#take(this.#end - this.#at);
    this.#later.unshift(join(NOTHING, this.#piece.subarray(this.#at, this.#end)));
    this.push(NOTHING, 0, 0);
  }

  /** The next whole message, its bytes never written to again; undefined when more has to come first. Throws StatusError. */
  next(): Buffer | undefined {
    for (;;) {
      const message = this.#cut();
      if (message !== undefined) return message;
      const piece = this.#later.length > 0 ? this.#later.shift() : undefined; // a call for nothing would be one a message
      if (piece === undefined) return undefined;
      this.#ledger().give(piece.length);
      this.push(piece, 0, piece.length);
    }
  }

  #cut(): Buffer | undefined {
    const left = this.#end - this.#at;
    if (left === 0) return undefined;
    if (this.#prefixHeld > 0 || left < PREFIX_BYTES) return this.#cutParts();
    const length = this.#lengthAt(this.#piece, this.#at);
    const start = this.#at + PREFIX_BYTES;
    if (start + length > this.#end) return this.#cutParts();
    this.#at = start + length;
    return this.#piece.subarray(start, this.#at);
  }

  #cutParts(): Buffer | undefined {
    this.#prefix ??= Buffer.alloc(PREFIX_BYTES);
    this.#prefixHeld += this.#copy(this.#prefix, this.#prefixHeld);
    if (this.#prefixHeld < PREFIX_BYTES) return undefined;
    const length = this.#lengthAt(this.#prefix, 0);
    this.#body ??= this.#allocate(Math.min(length, FIRST_BYTES));
    for (;;) {
      this.#bodyHeld += this.#copy(this.#body, this.#bodyHeld);
      if (this.#bodyHeld === length) return this.#release(this.#body);
      if (this.#bodyHeld < this.#body.length) return undefined;
      this.#body = this.#grow(this.#body, length);
    }
  }

  #copy(into: Buffer, from: number): number {
    const copied = this.#piece.copy(into, from, this.#at, this.#end);
    this.#at += copied;
    return copied;
  }

  #release(body: Buffer): Buffer {
    this.#ledger().give(body.length);
    this.#prefixHeld = 0;
    this.#body = undefined;
    this.#bodyHeld = 0;
    return body;
  }

  #grow(body: Buffer, length: number): Buffer {
    const larger = this.#allocate(Math.min(length, body.length * 2));
    body.copy(larger);
    this.#ledger().give(body.length);
    return larger;
  }

  #allocate(bytes: number): Buffer {
    this.#take(bytes);
    return Buffer.allocUnsafeSlow(bytes);
  }

  #take(bytes: number): void {
    if (!this.#ledger().take(bytes)) throw new StatusError(Code.resourceExhausted, "too many bytes are waiting");
  }

  #lengthAt(bytes: Buffer, at: number): number {
    if (bytes[at] !== 0) throw new StatusError(Code.internal, "a compressed message, and no encoding was agreed on");
    const length = bytes.readUInt32BE(at + 1);
    if (length > this.#maxBytes) throw new StatusError(Code.resourceExhausted, `a message of ${length} bytes is over the limit`);
    return length;
  }
}

const NOTHING = Buffer.alloc(0);

/** Pieces kept are as large at least, two by two: an object for each byte would weigh a hundred times what is counted. */
const JOINED_BYTES = 1024;

function join(first: Buffer, second: Buffer): Buffer {
  const joined = Buffer.allocUnsafeSlow(first.length + second.length); // of its own: a slice would keep a whole pool alive
  first.copy(joined);
  second.copy(joined, first.length);
  return joined;
}
