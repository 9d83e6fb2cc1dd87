import { Recent } from "../recent.ts";
import type { Dealer, Terms, Version } from "./deal.ts";

/** How often shards were asked for, by what it took: nothing, a look at what changed in the pool, a deal. */
export interface CacheStats {
  readonly hits: number;
  readonly replays: number;
  readonly misses: number;
}

interface Entry {
  version: Version; // of the dealer that dealt it, or that last found it unchanged; not the dealer, which it would keep alive
  terms: Terms;
  shard: readonly number[];
}

/**
 * Remembers what customers of one pool were dealt, through changes of the pool: a dealer that was made from the one before
 * it knows which shards the change leaves as they are. What is returned is always what `dealer.deal` would return.
 */
export class DealCache {
  readonly #entries: Recent<Entry>;
  readonly #stats = { hits: 0, replays: 0, misses: 0 };

  /** Holds at most `capacity` customers (at least 2), and half of them for certain: those last asked for. */
  constructor(capacity: number) {
    this.#entries = new Recent(capacity);
  }

  /** Since this cache was made. */
  get stats(): CacheStats {
    return this.#stats;
  }

  /** The shard of a customer (byte string) as places of the dealer's targets, in deal order. */
  shardOf(dealer: Dealer, customer: string, terms: Terms = dealer.terms): readonly number[] {
    const entry = this.#entries.get(customer);
    if (entry !== undefined && isSame(entry.terms, terms)) {
      if (entry.version === dealer.version) {
        this.#stats.hits += 1;
        return entry.shard;
      }
      const shard = dealer.redeal(customer, terms, entry);
      if (shard !== undefined) {
        this.#stats.replays += 1;
        return update(entry, dealer.version, terms, shard);
      }
    }
    this.#stats.misses += 1;
    const shard = dealer.deal(customer, terms).slice(); // a copy has no room to grow, which would be most of it
    if (entry !== undefined) return update(entry, dealer.version, terms, shard);
    this.#entries.set(customer, { version: dealer.version, terms, shard });
    return shard;
  }
}

function update(entry: Entry, version: Version, terms: Terms, shard: readonly number[]): readonly number[] {
  entry.version = version;
  entry.terms = terms;
  entry.shard = shard;
  return shard;
}

/** By content, since rules are rebuilt whole when they change. */
function isSame(a: Terms, b: Terms): boolean {
  return a === b || (a.reseed === b.reseed && isSameSize(a.size, b.size) && isSameSet(a.avoid, b.avoid));
}

const isSameSize = (a: Terms["size"], b: Terms["size"]): boolean =>
  a === b || (a.kind === "count" ? b.kind === "count" && a.count === b.count : b.kind === "percent" && a.basisPoints === b.basisPoints);

const isSameSet = (a: ReadonlySet<number>, b: ReadonlySet<number>): boolean => a === b || (a.size === b.size && a.isSubsetOf(b));
