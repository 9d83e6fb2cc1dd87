import { endOfSegment } from "./template.ts";

/** Lists that a search found, by where they begin. Reused: a search allocates nothing. */
export class Candidates {
  readonly #lists: number[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The later, the more of the path has been read. */
  list(index: number): number {
    return this.#lists[index] ?? 0;
  }

  clear(): void {
    this.#count = 0;
  }

  add(list: number): void {
    this.#lists[this.#count++] = list;
  }
}

// A node's row, by column. Numbers of nodes are indexes of rows; the root has 0.
const LABEL_AT = 0; // what is read on the way here from the node above, in `labels`
const LABEL_LENGTH = 1;
const FIRST_CHILD = 2; // the others follow it
const CHILDREN = 3;
const SEGMENT = 4; // what is reached by one whole segment; 0: nothing
const BEGUN = 5; // the list of routes whose paths may go on as they like; 0: none
const WHOLE = 6; // the list of routes whose paths end here
export const COLUMNS = 7;

/** What a tree is made of. */
export interface Packed {
  readonly rows: Int32Array;
  readonly labels: Uint8Array;
  readonly firsts: Uint8Array; // chars of each node's label, side by side for siblings
  readonly places: Int32Array; // lists: how many, then ascending places of routes
}

/**
 * A radix tree of openings: the routes that a path can be for, at a cost that grows with the path and with those routes, not with
 * all others. In three arrays: between two requests much of a processor's cache is others', and a tree of objects would have to come
 * back node by node, each from several places; so a search among a thousand routes took four times as long.
 */
export class PathTree {
  readonly #rows: Int32Array;
  readonly #labels: Uint8Array;
  readonly #firsts: Uint8Array;
  /** Lists: how many, then ascending places of routes. */
  readonly places: Int32Array;

  /** Made by TreeBuilder. */
  constructor({ rows, labels, firsts, places }: Packed) {
    this.#rows = rows;
    this.#labels = labels;
    this.#firsts = firsts;
    this.places = places;
  }

  /** Adds the lists of routes whose opening the first `end` bytes of this path have. */
  find(path: string, end: number, candidates: Candidates): void {
    this.#walk(0, path, end, 0, candidates);
  }

  /** From a node whose text has been read up to `start`. Calls itself for segments alone, which a template has few of. */
  #walk(from: number, path: string, end: number, start: number, candidates: Candidates): void {
    const rows = this.#rows;
    let row = from * COLUMNS;
    let at = start;
    for (;;) {
      const begun = rows[row + BEGUN] ?? 0;
      if (begun !== 0) candidates.add(begun);
      if (at === end) {
        const whole = rows[row + WHOLE] ?? 0;
        if (whole !== 0) candidates.add(whole);
        return;
      }
      const segment = rows[row + SEGMENT] ?? 0;
      if (segment !== 0) {
        const stop = endOfSegment(path, at, end);
        if (stop > at && (stop === end || path.charCodeAt(stop) === SLASH)) this.#walk(segment, path, end, stop, candidates);
      }
      row = this.#child(row, path.charCodeAt(at)) * COLUMNS;
      if (row === 0 || !this.#hasLabel(row, path, at, end)) return;
      at += rows[row + LABEL_LENGTH] ?? 0;
    }
  }

  /** The child whose label begins with this char; 0 when there is none. */
  #child(row: number, char: number): number {
    const first = this.#rows[row + FIRST_CHILD] ?? 0;
    const end = first + (this.#rows[row + CHILDREN] ?? 0);
    for (let child = first; child < end; child++) if (this.#firsts[child] === char) return child;
    return 0;
  }

  /** Whether the path has a node's label at `at`; its first char is known to be there. */
  #hasLabel(row: number, path: string, at: number, end: number): boolean {
    const length = this.#rows[row + LABEL_LENGTH] ?? 0;
    if (at + length > end) return false;
    const label = this.#rows[row + LABEL_AT] ?? 0;
    for (let i = 1; i < length; i++) if (this.#labels[label + i] !== path.charCodeAt(at + i)) return false;
    return true;
  }
}

const SLASH = 0x2f;
