import { HpackError } from "./error.ts";
import type { Prefix } from "./prefix.ts";

/** Bytes, and where in them reading or writing goes on. */
export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

/** The largest integer that is read: no length or index comes near it, and it is the last that 32-bit arithmetic holds. */
export const MAX_INTEGER = 2 ** 31 - 1;

/** Most bytes that an integer may take after its first: enough for MAX_INTEGER, and few enough that zeros do not go on for ever. */
export const MAX_CONTINUATION_BYTES = 5;

/** Reads an integer behind the bits of a prefix, RFC 7541 §5.1. Throws HpackError. */
export function readInteger(cursor: Cursor, { mask }: Prefix): number {
  const value = nextByte(cursor) & mask;
  return value < mask ? value : readContinuation(cursor, mask);
}

function readContinuation(cursor: Cursor, start: number): number {
  let value = start;
  for (let i = 0; i < MAX_CONTINUATION_BYTES; i++) {
    const byte = nextByte(cursor);
    value += (byte & 0x7f) * 2 ** (7 * i); // no shift: the fifth byte reaches bit 34
    if (byte < 0x80) {
      if (value > MAX_INTEGER) break;
      return value;
    }
  }
  throw new HpackError("integer_overflow");
}

function nextByte(cursor: Cursor): number {
  const byte = cursor.bytes[cursor.at++];
  if (byte === undefined) throw new HpackError("truncated");
  return byte;
}

/** Writes an integer of 0 to MAX_INTEGER and the pattern before it, at most MAX_INTEGER_BYTES; there must be room. */
export function writeInteger(cursor: Cursor, value: number, { pattern, mask }: Prefix): void {
  const { bytes } = cursor;
  if (value < mask) {
    bytes[cursor.at++] = pattern | value;
    return;
  }
  bytes[cursor.at++] = pattern | mask;
  let rest = value - mask;
  for (; rest >= 0x80; rest >>>= 7) bytes[cursor.at++] = rest | 0x80;
  bytes[cursor.at++] = rest;
}

/** What `writeInteger` writes at most. */
export const MAX_INTEGER_BYTES = 1 + MAX_CONTINUATION_BYTES;
