import { hasAt } from "./path.ts";
import { endOfSegment } from "./template.ts";

/** One whole segment of path characters, as `*` of a template. */
export const SEGMENT = Symbol("segment");

/** How the paths of a route begin: all that is surely so, and no more. */
export interface Opening {
  readonly parts: readonly (string | typeof SEGMENT)[]; // byte strings; behind SEGMENT comes `/` or the end
  readonly isAll: boolean; // nothing follows
}

/** Ascending places of routes. */
type Places = readonly number[];

/** Where `PathTree.find` writes what it found. Reused: a search allocates nothing. */
export class Candidates {
  readonly #lists: Places[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The later, the more of the path has been read. */
  list(index: number): Places {
    return this.#lists[index] ?? [];
  }

  clear(): void {
    this.#count = 0;
  }

  add(list: Places): void {
    this.#lists[this.#count++] = list;
  }
}

/**
 * A radix tree of openings: the routes that a path can be for, at a cost that grows with the path and with those routes,
 * not with all others.
 */
export class PathTree {
  readonly #root = new Node("");

  /** While the tree is built, before anybody searches it; places in ascending order. */
  add({ parts, isAll }: Opening, place: number): void {
    let node = this.#root;
    for (const part of parts) node = part === SEGMENT ? node.enterSegment() : node.enter(part);
    node.add(place, isAll);
  }

  /** Adds the routes whose opening the first `end` bytes of this path have. */
  find(path: string, end: number, candidates: Candidates): void {
    walk(this.#root, { path, end, candidates }, 0);
  }
}

interface Search {
  readonly path: string;
  readonly end: number;
  readonly candidates: Candidates;
}

/** From `node`, whose text has been read up to `start`. Calls itself for segments alone, which a template has few of. */
function walk(from: Node, search: Search, start: number): void {
  const { path, end, candidates } = search;
  let node = from;
  let at = start;
  for (;;) {
    if (node.begun !== undefined) candidates.add(node.begun);
    if (at === end && node.whole !== undefined) candidates.add(node.whole);
    if (at === end) return;
    if (node.segment !== undefined) {
      const stop = endOfSegment(path, at, end);
      if (stop > at && (stop === end || path.charCodeAt(stop) === SLASH)) walk(node.segment, search, stop);
    }
    const child = node.child(path.charCodeAt(at));
    if (child === undefined || !hasAt(path, child.label, at, end)) return;
    at += child.label.length;
    node = child;
  }
}

class Node {
  label: string; // what is read on the way here from the node above
  segment: Node | undefined; // what is reached by one whole segment
  whole: number[] | undefined; // routes whose paths end here
  begun: number[] | undefined; // routes whose paths may go on as they like
  #children: (Node | undefined)[] = NONE; // by the first char of their labels, the least of which is #first
  #first = 0;

  constructor(label: string) {
    this.label = label;
  }

  add(place: number, isAll: boolean): void {
    if (isAll) this.whole ??= [];
    else this.begun ??= [];
    (isAll ? this.whole : this.begun)?.push(place);
  }

  /** The node below whose label begins with this char. */
  child(char: number): Node | undefined {
    return char < this.#first ? undefined : this.#children[char - this.#first]; // a negative index would be slow
  }

  enterSegment(): Node {
    this.segment ??= new Node("");
    return this.segment;
  }

  /** The node that is reached by this text; made where there is none. */
  enter(text: string): Node {
    let node: Node = this;
    let at = 0;
    while (at < text.length) {
      const child = node.child(text.charCodeAt(at));
      if (child === undefined) return node.#grow(text.slice(at));
      const common = commonLength(child.label, text, at);
      node = common < child.label.length ? node.#split(child, common) : child;
      at += common;
    }
    return node;
  }

  #grow(label: string): Node {
    const child = new Node(label);
    this.#put(child);
    return child;
  }

  /** Puts a node between this one and its child, after so many chars of the child's label. */
  #split(child: Node, length: number): Node {
    const between = this.#grow(child.label.slice(0, length));
    child.label = child.label.slice(length);
    between.#put(child);
    return between;
  }

  /** In an array from the least char to the greatest: smaller than a Map, and one step to what is looked for. */
  #put(child: Node): void {
    const char = child.label.charCodeAt(0);
    if (this.#children.length === 0) this.#first = char;
    const before = Math.max(0, this.#first - char);
    const length = Math.max(this.#children.length + before, char - this.#first + 1);
    const grown = Array.from({ length }, (_, index): Node | undefined => this.#children[index - before]);
    this.#first -= before;
    grown[char - this.#first] = child;
    this.#children = grown;
  }
}

/** Of how many chars `label` and the text from `at` on are alike. */
function commonLength(label: string, text: string, at: number): number {
  let length = 0;
  while (length < label.length && at + length < text.length && label.charCodeAt(length) === text.charCodeAt(at + length)) length++;
  return length;
}

const NONE: (Node | undefined)[] = [];

const SLASH = 0x2f;
