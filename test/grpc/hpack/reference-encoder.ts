import type { HeaderField } from "../../../src/grpc/hpack/field.ts";
import { STATIC_ENTRIES, staticEntry } from "../../../src/grpc/hpack/static-table.ts";
import { APPENDIX_B, type PrintedCode } from "./appendix-b.ts";
import { bytes } from "./bytes.ts";

/** How one field is to be encoded; a wish that the tables do not allow is passed over. */
export interface Manner {
  readonly literal: "incremental" | "plain" | "never";
  readonly mayIndex: boolean;
  readonly mayIndexName: boolean;
  readonly match: "first" | "last"; // of the entries that would do
  readonly huffman: boolean;
}

/** RFC 7541 word by word, slow and with every choice an encoder has: what the decoder is held against. */
export class ReferenceEncoder {
  #entries: HeaderField[] = []; // the newest first
  #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** What is in the table, the newest first. */
  get entries(): readonly HeaderField[] {
    return this.#entries;
  }

  /** §6.3 */
  resize(maxBytes: number): Uint8Array {
    this.#maxBytes = maxBytes;
    this.#evict();
    return integer(maxBytes, 5, 0x20);
  }

  encode(field: HeaderField, { literal, mayIndex, mayIndexName, match, huffman }: Manner): Uint8Array {
    const table = [...Array.from({ length: STATIC_ENTRIES }, (_, place) => staticEntry(place + 1)), ...this.#entries];
    const find = (isMatch: (entry: HeaderField | undefined) => boolean): number =>
      1 + (match === "first" ? table.findIndex(isMatch) : table.findLastIndex(isMatch));
    const index = find((entry) => entry?.name === field.name && entry.value === field.value);
    if (mayIndex && index > 0) return integer(index, 7, 0x80); // §6.1
    const nameIndex = mayIndexName ? find((entry) => entry?.name === field.name) : 0;
    if (literal === "incremental") {
      this.#entries.unshift(field);
      this.#evict();
    }
    const head = { incremental: integer(nameIndex, 6, 0x40), plain: integer(nameIndex, 4, 0), never: integer(nameIndex, 4, 0x10) }[literal];
    return bytes(head, nameIndex > 0 ? "" : string(field.name, huffman), string(field.value, huffman));
  }

  #evict(): void {
    const size = (): number => this.#entries.reduce((sum, { name, value }) => sum + name.length + value.length + 32, 0);
    while (size() > this.#maxBytes) this.#entries.pop();
  }
}

/** §5.1, as its pseudocode has it. */
export function integer(value: number, prefixBits: number, pattern: number): Uint8Array {
  const most = 2 ** prefixBits - 1;
  if (value < most) return Uint8Array.of(pattern | value);
  const encoded = [pattern | most];
  let rest = value - most;
  while (rest >= 128) {
    encoded.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Uint8Array.from([...encoded, rest]);
}

/** §5.2 */
export function string(text: string, asHuffman: boolean): Uint8Array {
  const encoded = asHuffman ? huffman(text) : bytes(text);
  return bytes(integer(encoded.length, 7, asHuffman ? 0x80 : 0), encoded);
}

/** Appendix B, bit by bit. */
export function huffman(text: string): Uint8Array {
  const bits = [...text].map((char) => toBits(APPENDIX_B[char.charCodeAt(0)] ?? { code: 0, bits: 0 })).join("");
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, "1");
  return Uint8Array.from(padded.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}

/** A code as zeros and ones. */
export const toBits = ({ code, bits }: PrintedCode): string => code.toString(2).padStart(bits, "0");
