import type { Steps } from "../steps.ts";
import { COLUMNS, type Packed, PathTree } from "./path-tree.ts";

/** One whole segment of path characters, as `*` of a template. */
export const SEGMENT = Symbol("segment");

/** How the paths of a route begin: all that is surely so, and no more. */
export interface Opening {
  readonly parts: readonly (string | typeof SEGMENT)[]; // byte strings; behind SEGMENT comes `/` or the end
  readonly isAll: boolean; // nothing follows
}

/** A radix tree of openings in the making: objects, which are easily changed; `pack` makes of them what is searched. */
export class TreeBuilder {
  readonly #root = new Node("");

  /** Places in ascending order. */
  add({ parts, isAll }: Opening, place: number): void {
    let node = this.#root;
    for (const part of parts) node = part === SEGMENT ? node.enterSegment() : node.enter(part);
    (isAll ? node.whole : node.begun).push(place);
  }

  /** The same tree in arrays. Siblings lie side by side. */
  *pack(): Steps<PathTree> {
    const nodes: Node[] = [this.#root]; // each behind the one above it, which is how they are numbered
    let chars = 0;
    let entries = 1; // no list begins at 0
    for (let number = 0; number < nodes.length; number++) {
      const { label, children, segment, begun, whole } = nodes[number] as Node; // there are as many
      nodes.push(...children);
      if (segment !== undefined) nodes.push(segment);
      chars += label.length;
      for (const list of [begun, whole]) if (list.length > 0) entries += list.length + 1;
      if (number % STRIDE === STRIDE - 1) yield;
    }
    const packing = new Packing(nodes.length, chars, entries);
    for (const [number, node] of nodes.entries()) {
      packing.add(node);
      if (number % STRIDE === STRIDE - 1) yield;
    }
    return new PathTree(packing);
  }
}

/** Nodes a step. */
const STRIDE = 128;

/** The arrays of a tree, filled node by node in the order of their numbers. */
class Packing implements Packed {
  readonly rows: Int32Array;
  readonly labels: Uint8Array;
  readonly firsts: Uint8Array;
  readonly places: Int32Array;
  #node = 0;
  #next = 1; // number of the next node below
  #label = 0;
  #place = 1;

  constructor(nodes: number, chars: number, entries: number) {
    this.rows = new Int32Array(nodes * COLUMNS);
    this.labels = new Uint8Array(chars);
    this.firsts = new Uint8Array(nodes);
    this.places = new Int32Array(entries);
  }

  add({ label, children, segment, begun, whole }: Node): void {
    const firstChild = this.#next;
    this.#next += children.length;
    const below = segment === undefined ? 0 : this.#next++; // nobody is above the root
    const lists = [this.#list(begun), this.#list(whole)];
    this.rows.set([this.#label, label.length, firstChild, children.length, below, ...lists], this.#node * COLUMNS);
    this.firsts[this.#node++] = label.charCodeAt(0);
    for (let i = 0; i < label.length; i++) this.labels[this.#label++] = label.charCodeAt(i);
  }

  /** Where the list begins: its length, then its places; 0 for an empty one. */
  #list(of: readonly number[]): number {
    if (of.length === 0) return 0;
    const at = this.#place;
    this.places[at] = of.length;
    this.places.set(of, at + 1);
    this.#place += of.length + 1;
    return at;
  }
}

class Node {
  label: string; // what is read on the way here from the node above
  segment: Node | undefined; // what is reached by one whole segment
  readonly children: Node[] = []; // their labels begin with different chars
  readonly whole: number[] = []; // routes whose paths end here
  readonly begun: number[] = []; // routes whose paths may go on as they like
  #byChar = new Map<number, number>(); // index of a child by the first char of its label

  constructor(label: string) {
    this.label = label;
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
      const child = node.#child(text.charCodeAt(at));
      if (child === undefined) return node.#grow(text.slice(at));
      const common = commonLength(child.label, text, at);
      node = common < child.label.length ? node.#split(child, common) : child;
      at += common;
    }
    return node;
  }

  #child(char: number): Node | undefined {
    return this.children[this.#byChar.get(char) ?? -1];
  }

  #grow(label: string): Node {
    const child = new Node(label);
    this.#byChar.set(label.charCodeAt(0), this.children.push(child) - 1);
    return child;
  }

  /** Puts a node between this one and its child, after so many chars of the child's label. */
  #split(child: Node, length: number): Node {
    const between = new Node(child.label.slice(0, length));
    this.children[this.children.indexOf(child)] = between; // in the child's place: it begins alike
    child.label = child.label.slice(length);
    between.#byChar.set(child.label.charCodeAt(0), between.children.push(child) - 1);
    return between;
  }
}

/** Of how many chars `label` and the text from `at` on are alike. */
function commonLength(label: string, text: string, at: number): number {
  let length = 0;
  while (length < label.length && at + length < text.length && label.charCodeAt(length) === text.charCodeAt(at + length)) length++;
  return length;
}
