import type { HeaderField } from "./field.ts";
import { huffmanBytes, writeHuffman } from "./huffman.ts";
import { type Cursor, MAX_INTEGER_BYTES, writeInteger } from "./integer.ts";
import { HUFFMAN_STRING, INDEXED, LITERAL, PLAIN_STRING } from "./prefix.ts";
import { staticIndex, staticNameIndex } from "./static-table.ts";

/**
 * Encodes a header list. It uses the static table alone and has nothing to remember, so the same fields are always the same bytes,
 * on every connection, and may be encoded ahead. Throws RangeError for a field that is no byte string.
 */
export function encodeBlock(fields: readonly HeaderField[]): Uint8Array {
  const cursor: Cursor = { bytes: new Uint8Array(fields.reduce((bytes, field) => bytes + mostBytes(field), 0)), at: 0 };
  for (const field of fields) writeField(cursor, field);
  return cursor.bytes.slice(0, cursor.at);
}

/**
 * Sets the size of the peer's table to 0. It has to begin the first block after the peer has lowered SETTINGS_HEADER_TABLE_SIZE below
 * the 4,096 that it starts with, though we use no entry: RFC 7541 §4.2. The bytes are shared: never to be written to.
 */
export const TABLE_SIZE_ZERO: Uint8Array = Uint8Array.of(0x20);

/** Room for a literal: an index and two lengths, name and value. */
const mostBytes = ({ name, value }: HeaderField): number => 3 * MAX_INTEGER_BYTES + name.length + value.length;

function writeField(cursor: Cursor, field: HeaderField): void {
  const index = staticIndex(field);
  if (index > 0) {
    writeInteger(cursor, index, INDEXED);
    return;
  }
  const nameIndex = staticNameIndex(field.name);
  writeInteger(cursor, nameIndex, LITERAL);
  if (nameIndex === 0) writeString(cursor, field.name);
  writeString(cursor, field.value);
}

function writeString(cursor: Cursor, text: string): void {
  const length = huffmanBytes(text);
  if (length < text.length) {
    writeInteger(cursor, length, HUFFMAN_STRING);
    writeHuffman(cursor, text);
  } else {
    writeInteger(cursor, text.length, PLAIN_STRING);
    for (let i = 0; i < text.length; i++) cursor.bytes[cursor.at++] = text.charCodeAt(i);
  }
}
