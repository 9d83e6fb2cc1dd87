import { HpackError } from "./error.ts";
import { HUFFMAN_CODES } from "./huffman-code.ts";
import { FORBIDDEN, huffmanMachine, ROOT } from "./huffman-machine.ts";
import type { Cursor } from "./integer.ts";
import { decodeLatin1 } from "./latin1.ts";

/** Huffman codes in `bytes`, from `start` to before `end`, all of which must be there → byte string. Throws HpackError. RFC 7541 §5.2. */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number): string {
  const { steps, mayEnd } = huffmanMachine();
  const mostBytes = 2 * (end - start); // a byte completes two symbols at most
  const decoded = mostBytes <= scratch.length ? scratch : new Uint8Array(mostBytes);
  let length = 0;
  let state = ROOT;
  for (let at = start; at < end; at++) {
    const step = steps[(state << 8) | (bytes[at] as number)] as number;
    if (step === FORBIDDEN) throw new HpackError("huffman_eos");
    const symbols = (step >> 8) & 3;
    if (symbols > 0) decoded[length++] = step >> 10;
    if (symbols > 1) decoded[length++] = step >> 18;
    state = step & 0xff;
  }
  if (mayEnd[state] !== 1) throw new HpackError("huffman_padding");
  return decodeLatin1(decoded, 0, length);
}

const scratch = new Uint8Array(4096); // one for all connections: nothing in it outlives a call

/** How many bytes a byte string takes in Huffman codes. Throws RangeError for a char above 0xff. */
export function huffmanBytes(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length; i++) bits += codeOf(text, i).bits;
  return Math.ceil(bits / 8);
}

/** Writes a byte string in Huffman codes; there must be room. Throws RangeError for a char above 0xff. */
export function writeHuffman(cursor: Cursor, text: string): void {
  let pending = 0;
  let pendingBits = 0; // fewer than 8
  for (let i = 0; i < text.length; i++) {
    const { code, bits } = codeOf(text, i);
    for (let left = bits; left > 0; ) {
      const taken = Math.min(left, 8 - pendingBits);
      left -= taken;
      pending = (pending << taken) | ((code >> left) & (2 ** taken - 1));
      pendingBits = (pendingBits + taken) & 7;
      if (pendingBits === 0) {
        cursor.bytes[cursor.at++] = pending;
        pending = 0;
      }
    }
  }
  if (pendingBits > 0) cursor.bytes[cursor.at++] = (pending << (8 - pendingBits)) | (0xff >> pendingBits);
}

function codeOf(text: string, place: number): { readonly code: number; readonly bits: number } {
  const symbol = text.charCodeAt(place);
  const code = HUFFMAN_CODES[symbol];
  if (code === undefined || symbol > 0xff) throw new RangeError("a header field is no byte string");
  return code;
}
