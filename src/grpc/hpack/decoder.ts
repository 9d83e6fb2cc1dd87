import { BlockMemo } from "./block-memo.ts";
import { DynamicTable } from "./dynamic-table.ts";
import { HpackError } from "./error.ts";
import { fieldBytes, type HeaderField } from "./field.ts";
import { decodeHuffman } from "./huffman.ts";
import { type Cursor, readInteger } from "./integer.ts";
import { decodeLatin1 } from "./latin1.ts";
import { HUFFMAN_STRING, INDEXED, LITERAL, LITERAL_INDEXED, type Prefix, SIZE_UPDATE } from "./prefix.ts";
import { STATIC_ENTRIES, staticEntry } from "./static-table.ts";

/** What a peer may make us remember, and read. */
export interface HpackLimits {
  /** The SETTINGS_HEADER_TABLE_SIZE that we announce; 4,096 at least, for a peer uses that until it has read ours. */
  readonly maxTableBytes: number;
  /** The SETTINGS_MAX_HEADER_LIST_SIZE that we announce: 32 and the bytes of name and value for every field. RFC 9113 §6.5.2. */
  readonly maxListBytes: number;
}

/** A header list. The same object may stand for several blocks: never to be written to. */
export interface DecodedBlock {
  /** In order; up to the first that no longer fits if the list is too large. */
  readonly fields: readonly HeaderField[];
  readonly isTooLarge: boolean;
}

/** One direction of one connection: RFC 7541. An indexed field costs no memory, a block just like a recent one not even time. */
export class HpackDecoder {
  readonly #limits: HpackLimits;
  readonly #table: DynamicTable;
  readonly #memo = new BlockMemo<DecodedBlock>();

  constructor(limits: HpackLimits) {
    this.#limits = limits;
    this.#table = new DynamicTable(limits.maxTableBytes);
  }

  /**
   * Decodes a whole block, `bytes` from `start` to `end`, in time linear in them. Returns the very object of an earlier call when
   * the bytes are the same and nothing has changed. Throws HpackError, and nothing else; what has been decoded so far is lost, and
   * later blocks mean nothing.
   */
  decode(bytes: Uint8Array, start = 0, end = bytes.length): DecodedBlock {
    const { version } = this.#table;
    const known = this.#memo.find(bytes, version, start, end);
    if (known !== undefined) return known;
    const block = bytes.subarray(start, end);
    const decoded = this.#decodeFields({ bytes: block, at: 0 });
    if (this.#table.version === version) this.#memo.keep(block, version, decoded);
    return decoded;
  }

  #decodeFields(cursor: Cursor): DecodedBlock {
    this.#readSizeUpdates(cursor);
    const fields: HeaderField[] = [];
    let bytesLeft = this.#limits.maxListBytes;
    while (cursor.at < cursor.bytes.length) {
      const field = this.#readField(cursor); // those that no longer fit as well: the table must stay the peer's
      bytesLeft -= fieldBytes(field); // below 0 it stays there
      if (bytesLeft >= 0) fields.push(field);
    }
    return { fields, isTooLarge: bytesLeft < 0 };
  }

  /** Two at most: the smallest size there has been since the last block, and the present one. RFC 7541 §4.2. */
  #readSizeUpdates(cursor: Cursor): void {
    for (let updates = 1; isSizeUpdate(cursor); updates++) {
      if (updates > 2) throw new HpackError("size_repeated");
      const maxBytes = readInteger(cursor, SIZE_UPDATE);
      if (maxBytes > this.#limits.maxTableBytes) throw new HpackError("size_above_limit");
      this.#table.resize(maxBytes);
    }
  }

  #readField(cursor: Cursor): HeaderField {
    const first = peek(cursor);
    if (first >= INDEXED.pattern) return this.#entry(readInteger(cursor, INDEXED));
    if (first >= LITERAL_INDEXED.pattern) {
      const field = this.#readLiteral(cursor, LITERAL_INDEXED);
      this.#table.insert(field);
      return field;
    }
    if (first >= SIZE_UPDATE.pattern) throw new HpackError("size_misplaced");
    return this.#readLiteral(cursor, LITERAL);
  }

  #readLiteral(cursor: Cursor, prefix: Prefix): HeaderField {
    const index = readInteger(cursor, prefix);
    const name = index === 0 ? readString(cursor) : this.#entry(index).name;
    return { name, value: readString(cursor) };
  }

  /** RFC 7541 §2.3.3: first the static table, then the dynamic one. */
  #entry(index: number): HeaderField {
    const entry = index <= STATIC_ENTRIES ? staticEntry(index) : this.#table.get(index - STATIC_ENTRIES - 1);
    if (entry === undefined) throw new HpackError("unknown_index");
    return entry;
  }
}

/** Its first byte, 0 when nothing is left. */
const peek = ({ bytes, at }: Cursor): number => bytes[at] ?? 0;

const isSizeUpdate = (cursor: Cursor): boolean => {
  const first = peek(cursor);
  return first >= SIZE_UPDATE.pattern && first < LITERAL_INDEXED.pattern;
};

function readString(cursor: Cursor): string {
  const isHuffman = peek(cursor) >= HUFFMAN_STRING.pattern;
  const length = readInteger(cursor, HUFFMAN_STRING);
  const start = cursor.at;
  const end = start + length;
  if (end > cursor.bytes.length) throw new HpackError("truncated");
  cursor.at = end;
  return isHuffman ? decodeHuffman(cursor.bytes, start, end) : decodeLatin1(cursor.bytes, start, end);
}
