import { type DecodedBlock, HpackDecoder } from "../hpack/decoder.ts";
import { HpackError } from "../hpack/error.ts";
import { ConnectionError, DEFAULT_TABLE_BYTES, ErrorCode } from "./protocol.ts";
import { type RequestHead, readRequestHead } from "./request.ts";

/** A request's head, and what `prepare` made of it; undefined when it is malformed. */
export interface KnownHead<T> {
  readonly block: DecodedBlock;
  readonly contentLength: number | undefined;
  readonly prepared: T | undefined;
}

const MAX_KNOWN = 4;

/** Reads header blocks. What was made of the last few heads is kept: Envoy's are the same again and again. */
export class HeadReader<T> {
  readonly #decoder: HpackDecoder;
  readonly #prepare: (head: RequestHead) => T;
  readonly #known: KnownHead<T>[] = [];

  constructor(maxListBytes: number, prepare: (head: RequestHead) => T) {
    this.#decoder = new HpackDecoder({ maxTableBytes: DEFAULT_TABLE_BYTES, maxListBytes });
    this.#prepare = prepare;
  }

  /** Every block of a connection has to be decoded, in order, to keep the tables in step. Throws ConnectionError. */
  decode(bytes: Buffer, start: number, end: number): DecodedBlock {
    try {
      return this.#decoder.decode(bytes, start, end);
    } catch (cause) {
      if (cause instanceof HpackError) throw new ConnectionError(ErrorCode.compressionError, cause.message);
      throw cause;
    }
  }

  /** The head that a block holds. The decoder hands out one object for a block that came before. */
  read(block: DecodedBlock): KnownHead<T> {
    for (const known of this.#known) if (known.block === block) return known;
    const head = readRequestHead(block.fields);
    const known = { block, contentLength: head?.contentLength, prepared: head && this.#prepare(head) };
    if (this.#known.length === MAX_KNOWN) this.#known.shift();
    this.#known.push(known);
    return known;
  }
}
