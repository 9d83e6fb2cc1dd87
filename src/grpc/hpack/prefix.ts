/** How a representation begins: the pattern that tells it from others, and the bits of that byte left to an integer. */
export interface Prefix {
  readonly pattern: number;
  readonly mask: number;
}

/** RFC 7541 §6.1. Patterns grow with the kind: whoever asks for the largest first needs no mask to tell them apart. */
export const INDEXED: Prefix = { pattern: 0x80, mask: 0x7f };

/** Literal with incremental indexing: RFC 7541 §6.2.1. */
export const LITERAL_INDEXED: Prefix = { pattern: 0x40, mask: 0x3f };

/** Dynamic table size update: RFC 7541 §6.3. */
export const SIZE_UPDATE: Prefix = { pattern: 0x20, mask: 0x1f };

/** Literal without indexing, RFC 7541 §6.2.2; never indexed (§6.2.3, pattern 0x10) is read alike, for riffle forwards no field. */
export const LITERAL: Prefix = { pattern: 0x00, mask: 0x0f };

/** A string's length, and whether its bytes are Huffman codes: RFC 7541 §5.2. */
export const HUFFMAN_STRING: Prefix = { pattern: 0x80, mask: 0x7f };

/** The length of a string whose bytes are its own: RFC 7541 §5.2. */
export const PLAIN_STRING: Prefix = { pattern: 0x00, mask: 0x7f };
