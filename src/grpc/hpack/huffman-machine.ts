import { EOS, HUFFMAN_CODES } from "./huffman-code.ts";

/**
 * A state is a node of the code's tree that is no leaf: 256, as it has 257 leaves. A step is what a byte does in a state, at
 * `state << 8 | byte`: bits 0-7 the next state, 8-9 how many symbols it completes, 10-17 the first, 18-25 the second; three
 * would take 11 bits, for the shortest code has 5. Or it is FORBIDDEN. A step a byte takes half the time of a step a nibble,
 * 0.10 and 0.19 µs for a traceparent, at the price of 256 KiB.
 */
export interface HuffmanMachine {
  readonly steps: Int32Array;
  /** 1 at the states where a string may end: nothing is left over, or up to seven ones. */
  readonly mayEnd: Uint8Array;
}

export const STATES = 256;
export const ROOT = 0;

/** The step that completes EOS. */
export const FORBIDDEN = -1;

/** Built when first asked for, in 8 ms: not by commands that serve nobody. */
export function huffmanMachine(): HuffmanMachine {
  machine ??= createMachine();
  return machine;
}

let machine: HuffmanMachine | undefined;

function createMachine(): HuffmanMachine {
  const tree = createTree();
  let steps = Int32Array.from({ length: STATES }, (_, state) => state); // what no bits at all do
  for (let bits = 1; bits <= 8; bits++) {
    const longer = new Int32Array(STATES << bits);
    for (let place = 0; place < longer.length; place++) longer[place] = extend(tree, steps[place >> 1] as number, place & 1);
    steps = longer;
  }
  const mayEnd = new Uint8Array(STATES);
  for (let ones = 0, state = ROOT; ones < 8; ones++, state = tree[2 * state + 1] as number) mayEnd[state] = 1;
  return { steps, mayEnd };
}

/** The tree, at `2 * node + bit`: the next node, or the complement of a symbol. */
function createTree(): Int16Array {
  const tree = new Int16Array(2 * STATES);
  let nodes = 1;
  for (const { symbol, bits, code } of HUFFMAN_CODES) {
    let node = ROOT;
    for (let left = bits - 1; left > 0; left--) {
      const edge = 2 * node + ((code >> left) & 1);
      node = tree[edge] || nodes++;
      tree[edge] = node;
    }
    tree[2 * node + (code & 1)] = ~symbol;
  }
  return tree;
}

/** What a step becomes when one more bit follows. */
function extend(tree: Int16Array, step: number, bit: number): number {
  if (step === FORBIDDEN) return FORBIDDEN;
  const completed = step & ~0xff;
  const child = tree[2 * (step & 0xff) + bit] as number;
  if (child >= 0) return completed | child;
  const symbol = ~child;
  if (symbol === EOS) return FORBIDDEN;
  return completed === 0 ? (1 << 8) | (symbol << 10) : (2 << 8) | (completed & (0xff << 10)) | (symbol << 18);
}
