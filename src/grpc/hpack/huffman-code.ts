/** One code: the lowest `bits` bits of `code`, which never are more than 30. */
export interface HuffmanCode {
  readonly symbol: number;
  readonly bits: number;
  readonly code: number;
}

/** The symbol that no string may contain; its code begins with the padding. RFC 7541 §5.2. */
export const EOS = 256;

/** Bits of each symbol's code, RFC 7541, Appendix B: bytes 0 to 255, sixteen a line, then EOS. */
const BITS: readonly number[] = [
  [13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28],
  [28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28],
  [6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6],
  [5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10],
  [13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7],
  [7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6],
  [15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5],
  [6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28],
  [20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23],
  [24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24],
  [22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23],
  [21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23],
  [26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25],
  [19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27],
  [20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23],
  [26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26],
  [30],
].flat();

/** The code of every symbol, at its place. It is canonical: from the shortest to the longest, and by symbol, the codes count up. */
export const HUFFMAN_CODES: readonly HuffmanCode[] = assignCodes();

function assignCodes(): HuffmanCode[] {
  const shortestFirst = BITS.map((bits, symbol) => ({ symbol, bits })).sort((one, other) => one.bits - other.bits); // stable: by symbol
  let next = 0;
  let width = 0;
  const codes = shortestFirst.map(({ symbol, bits }) => {
    next <<= bits - width;
    width = bits;
    return { symbol, bits, code: next++ };
  });
  return codes.sort((one, other) => one.symbol - other.symbol);
}
