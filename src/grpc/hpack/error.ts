/** What RFC 7541 calls a decoding error, by kind. */
export type HpackFault = keyof typeof SENTENCES;

/** A header block that cannot be decoded. The tables no longer agree with the peer's: COMPRESSION_ERROR, RFC 9113 §4.3. */
export class HpackError extends Error {
  override readonly name = "HpackError";
  readonly fault: HpackFault;
  constructor(fault: HpackFault) {
    super(SENTENCES[fault]);
    this.fault = fault;
  }
}

const SENTENCES = {
  truncated: "a header block ends inside a field",
  integer_overflow: "an integer in a header block is above 2^31-1, or longer than any such",
  unknown_index: "a header block refers to an entry that neither table has",
  huffman_eos: "a Huffman string contains EOS",
  huffman_padding: "a Huffman string ends in padding of 8 bits or more, or not of ones",
  size_above_limit: "a table size update exceeds SETTINGS_HEADER_TABLE_SIZE",
  size_misplaced: "a table size update follows a field",
  size_repeated: "a header block begins with more than two table size updates",
} as const;
