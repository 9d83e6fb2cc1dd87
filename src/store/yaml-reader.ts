import { isAlias, isMap, isNode, isScalar, isSeq, type Node, type Pair, type Range } from "yaml";
import { show } from "../core/parse/scalar.ts";
import type { Problem } from "../core/rules.ts";

/** A mistake and where it stands: UTF-16 units from the start of the text. */
export interface Located {
  readonly offset: number;
  readonly message: string; // one line
}

/** A value of the text and where it stands. */
export interface Place {
  readonly offset: number;
  readonly value: unknown;
  readonly entries: ReadonlyMap<string | number, Entry>; // of a mapping or list
  readonly size: number; // how many values it is, itself included and aliases followed
  readonly height: number; // how deep it nests
}

interface Entry {
  readonly offset: number; // of the key; of the item in a list
  readonly place: Place;
}

/** Where a problem stands: at its key, its value, or (of something missing) at the key of the nearest thing that should hold it. */
export function locate(root: Place, { path, at }: Problem): number {
  let place = root;
  let keyOffset = root.offset;
  for (const key of path) {
    const entry = place.entries.get(key);
    if (entry === undefined) return keyOffset;
    keyOffset = entry.offset;
    place = entry.place;
  }
  return at === "key" ? keyOffset : place.offset;
}

/** Far deeper than any key of the document lies, and far shallower than the stack. */
const MAX_HEIGHT = 64;

/** How many values all aliases together may stand for: aliases of aliases fill the memory from a few lines. */
const MAX_COPIED = 100_000;

const NOTHING: ReadonlyMap<string | number, Entry> = new Map();

/** Makes plain values of the library's nodes, noting what plain values cannot express. For one document. */
export class YamlReader {
  readonly problems: Located[] = [];
  readonly #anchors = new Map<string, Place>(); // finished ones only, so that nothing can contain itself
  readonly #position: (offset: number) => string;
  #copied = 0;

  constructor(position: (offset: number) => string) {
    this.#position = position;
  }

  /** The document's content; one problem or more stand in `problems` where a value had to be left out. */
  read(contents: Node | null): Place {
    return this.#readNode(contents, 0, 0);
  }

  #readNode(node: unknown, depth: number, keyOffset: number): Place {
    if (isAlias(node)) return this.#follow(node.source, depth, offsetOf(node, keyOffset));
    const offset = offsetOf(node, keyOffset);
    if (isScalar(node)) return this.#remember(node.anchor, leaf(offset, node.value));
    if (!isMap(node) && !isSeq(node)) return leaf(offset, null); // `key:` with nothing behind it
    if (depth >= MAX_HEIGHT) return this.#refuse(offset, `nested more than ${MAX_HEIGHT} deep`);
    if (node.anchor !== undefined) this.#anchors.delete(node.anchor); // it names this one from here on, and is not finished
    const entries = isMap(node) ? this.#readPairs(node.items, depth) : this.#readItems(node.items, depth, offset);
    return this.#remember(node.anchor, branch(offset, entries, isSeq(node)));
  }

  #readItems(items: readonly unknown[], depth: number, listOffset: number): ReadonlyMap<number, Entry> {
    return new Map(
      items.map((item, index) => {
        const offset = startOf(item) ?? listOffset;
        return [index, { offset, place: this.#readNode(item, depth + 1, offset) }];
      }),
    );
  }

  #readPairs(pairs: readonly Pair[], depth: number): ReadonlyMap<string, Entry> {
    const entries = new Map<string, Entry>();
    for (const { key, value } of pairs) {
      const offset = offsetOf(key, 0);
      const place = this.#readNode(value, depth + 1, offset);
      const name = this.#readKey(key, offset);
      const before = entries.get(name);
      if (before !== undefined) this.#refuse(offset, `duplicate key ${show(name)}; it stands at ${this.#position(before.offset)} already`);
      else entries.set(name, { offset, place });
    }
    return entries;
  }

  #readKey(key: unknown, offset: number): string {
    if (isScalar(key) && typeof key.value === "string") return key.value;
    const written = isScalar(key) ? String(key.value) : "";
    this.#refuse(offset, isScalar(key) ? `a key must be text; write "${written}"` : "a key must be text");
    return written;
  }

  #follow(name: string, depth: number, offset: number): Place {
    const place = this.#anchors.get(name);
    if (place === undefined) return this.#refuse(offset, `*${name} names nothing that ended before it; write it out`);
    if (this.#copied > MAX_COPIED) return leaf(offset, undefined); // said once
    this.#copied += place.size;
    if (this.#copied > MAX_COPIED) return this.#refuse(offset, `aliases stand for more than ${MAX_COPIED} values; write them out`);
    return depth + place.height > MAX_HEIGHT ? this.#refuse(offset, `nested more than ${MAX_HEIGHT} deep`) : place;
  }

  #remember(anchor: string | undefined, place: Place): Place {
    if (anchor !== undefined) this.#anchors.set(anchor, place);
    return place;
  }

  #refuse(offset: number, message: string): Place {
    this.problems.push({ offset, message });
    return leaf(offset, undefined);
  }
}

const leaf = (offset: number, value: unknown): Place => ({ offset, value, entries: NOTHING, size: 1, height: 0 });

function branch(offset: number, entries: ReadonlyMap<string | number, Entry>, isList: boolean): Place {
  const places = [...entries.values()].map(({ place }) => place);
  const values = [...entries].map(([key, { place }]) => [key, place.value] as const);
  return {
    offset,
    value: isList ? values.map(([, value]) => value) : Object.fromEntries(values), // defines properties: a key `__proto__` stays a key
    entries,
    size: places.reduce((sum, { size }) => sum + size, 1),
    height: places.reduce((most, { height }) => Math.max(most, height), 0) + 1,
  };
}

/** Where a node starts; one of no length (`key:` with nothing behind it) is best shown at its key. */
function offsetOf(node: unknown, keyOffset: number): number {
  const [start, end] = rangeOf(node) ?? [];
  return start === undefined || start === end ? keyOffset : start;
}

const startOf = (node: unknown): number | undefined => rangeOf(node)?.[0];
const rangeOf = (node: unknown): Range | null | undefined => (isNode(node) ? node.range : undefined);
