import type { Steps } from "../core/steps.ts";

/**
 * A value in pieces, for another thread: to receive a large message takes its receiver as long as to make all of its objects, in one
 * go. Plain data alone: records, lists, Maps, and leaves that structured cloning knows, without circles.
 */
export type Piece = readonly Move[];

/** What to do next to put the value together. */
type Move =
  | { readonly put: unknown } // a value that is whole
  | { readonly open: Kind } // what follows, up to its `close`, are its items; of a Map or record, keys and values in turn
  | { readonly close: Kind; readonly isShared: boolean }
  | { readonly again: number }; // the shared value that was closed at this turn

type Kind = "list" | "map" | "record";

/** Values a piece: some 60 µs to receive. */
const MAX_WEIGHT = 1_000;

/** Identity matters to whatever holds something: rules of regions are found by it. */
const MIN_SHARED_WEIGHT = 2;

/** Cuts a value. What stands in several places is sent once, and stays one thing. */
export function* split(value: unknown): Generator<Piece> {
  const scales = new Scales(value);
  const numbers = new Map<object, number>(); // of shared values, by turn
  let moves: Move[] = [];
  let weight = 0;

  function* add(move: Move, moveWeight: number): Generator<Piece> {
    moves.push(move);
    weight += moveWeight;
    if (weight < MAX_WEIGHT) return;
    yield moves;
    moves = [];
    weight = 0;
  }
  function* send(part: unknown): Generator<Piece> {
    if (!isBranch(part) || scales.isWhole(part)) return yield* add({ put: part }, scales.weightOf(part));
    const number = numbers.get(part);
    if (number !== undefined) return yield* add({ again: number }, 1);
    const kind = kindOf(part);
    const isShared = scales.isShared(part);
    yield* add({ open: kind }, 1);
    for (const child of childrenOf(part)) yield* send(child);
    if (isShared) numbers.set(part, numbers.size);
    yield* add({ close: kind, isShared }, 1);
  }

  yield* send(value);
  if (moves.length > 0) yield moves;
}

/** Puts a value together from its pieces in order; undefined where one is missing. A step a piece. */
export function* join(next: () => Piece | undefined): Steps<unknown> {
  const top: unknown[] = [];
  const opened: unknown[][] = [top];
  const shared: unknown[] = [];
  for (let piece = next(); piece !== undefined; piece = next()) {
    for (const move of piece) {
      if ("open" in move) opened.push([]);
      else if ("put" in move) opened.at(-1)?.push(move.put);
      else if ("again" in move) opened.at(-1)?.push(shared[move.again]);
      else {
        const made = yield* build(move.close, opened.pop() ?? []);
        if (move.isShared) shared.push(made);
        opened.at(-1)?.push(made);
      }
    }
    yield;
  }
  return opened.length === 1 ? top[0] : undefined;
}

function* build(kind: Kind, items: unknown[]): Steps<unknown> {
  if (kind === "list") return items;
  const map = new Map<unknown, unknown>();
  for (let i = 0; i < items.length; i += 2) {
    map.set(items[i], items[i + 1]);
    if (i % MAX_WEIGHT === MAX_WEIGHT - 2) yield;
  }
  return kind === "map" ? map : Object.fromEntries(map as Map<string, unknown>); // its keys were a record's
}

type Branch = readonly unknown[] | ReadonlyMap<unknown, unknown> | Readonly<Record<string, unknown>>;

function isBranch(value: unknown): value is Branch {
  if (typeof value !== "object" || value === null) return false;
  return Array.isArray(value) || value instanceof Map || Object.getPrototypeOf(value) === Object.prototype;
}

function kindOf(branch: Branch): Kind {
  if (Array.isArray(branch)) return "list";
  return branch instanceof Map ? "map" : "record";
}

function childrenOf(branch: Branch): readonly unknown[] {
  if (Array.isArray(branch)) return branch;
  return branch instanceof Map ? [...branch].flat(1) : Object.entries(branch).flat(1);
}

/** How heavy the parts of one value are, and which stand in several places. */
class Scales {
  readonly #weights = new Map<object, number>();
  readonly #repeated = new Set<object>();
  readonly #whole = new Map<object, boolean>();

  constructor(value: unknown) {
    this.#weigh(value);
  }

  /** In values, about. */
  weightOf(part: unknown): number {
    if (typeof part === "string") return 1 + (part.length >> 6);
    return (isBranch(part) && this.#weights.get(part)) || 1;
  }

  isShared(branch: Branch): boolean {
    return this.#repeated.has(branch) && this.weightOf(branch) >= MIN_SHARED_WEIGHT;
  }

  /** Whether it fits a piece, and is not or holds nothing shared. */
  isWhole(branch: Branch): boolean {
    const known = this.#whole.get(branch);
    if (known !== undefined) return known;
    const fits = this.weightOf(branch) <= MAX_WEIGHT && !this.isShared(branch);
    const whole = fits && childrenOf(branch).every((child) => !isBranch(child) || this.isWhole(child));
    this.#whole.set(branch, whole);
    return whole;
  }

  #weigh(part: unknown): number {
    if (!isBranch(part)) return this.weightOf(part);
    const known = this.#weights.get(part);
    if (known !== undefined) {
      this.#repeated.add(part);
      return known;
    }
    const weight = childrenOf(part).reduce<number>((sum, child) => sum + this.#weigh(child), 1);
    this.#weights.set(part, weight);
    return weight;
  }
}
