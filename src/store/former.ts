import { Recent } from "../core/recent.ts";

/** Whose shard it is, as target ids, and when that was seen. */
export interface Seen {
  readonly customer: string; // byte string
  readonly shard: readonly string[];
  readonly atMs: number;
  readonly graceMs: number;
}

interface Entry {
  readonly shard: readonly string[];
  readonly left: readonly Left[]; // none is a member
}

interface Left {
  readonly id: string;
  readonly untilMs: number;
}

/**
 * Remembers the shards of one pool's customers as they were last seen, so that who left one may stay for a while. By id, for a
 * place is another target's when the pool changes.
 */
export class FormerMembers {
  readonly #entries: Recent<Entry>;

  /** Holds at most so many customers. */
  constructor(capacity: number) {
    this.#entries = new Recent(capacity);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The ids that were in the customer's shard and no longer are, for `graceMs` from when that was first seen. */
  of({ customer, shard, atMs, graceMs }: Seen): readonly string[] {
    const entry = this.#entries.get(customer);
    if (entry !== undefined && isSame(entry.shard, shard)) return idsAt(entry.left, atMs);
    const gone = entry?.shard.map((id): Left => ({ id, untilMs: atMs + graceMs })) ?? [];
    const left = [...gone, ...(entry?.left ?? [])].filter(({ id, untilMs }) => untilMs > atMs && !shard.includes(id));
    this.#entries.set(customer, { shard, left });
    return idsAt(left, atMs);
  }
}

const NONE: readonly string[] = [];

const idsAt = (left: readonly Left[], atMs: number): readonly string[] =>
  left.length === 0 ? NONE : left.filter(({ untilMs }) => untilMs > atMs).map(({ id }) => id);

const isSame = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((id, index) => id === b[index]);
