import type { NameTest } from "./exchange.ts";
import { createRouter, type Router } from "./match/routes.ts";
import { Pool } from "./pool.ts";
import type { Rules } from "./rules.ts";
import type { Placements } from "./shard.ts";
import { createStripTest, stripList } from "./strip-list.ts";
import { ordinary, type Placement, placeIn } from "./tuning.ts";

/**
 * Everything decisions read, under one version; replaced whole by one assignment. Immutable: an exchange keeps the one it
 * began with. Lookups are derived here, once.
 */
export class Snapshot implements Placements {
  /** Made of content: the same on every instance with the same rules. 16 hex digits. */
  readonly version: string;
  readonly rules: Rules;
  readonly pools: ReadonlyMap<string, Pool>;
  readonly router: Router;
  /** Whether a header of this name, sent by a client, has to go. */
  readonly isControl: NameTest;

  readonly #usual: ReadonlyMap<Pool, Placement>; // of customers of whom nothing is said
  readonly #placements: ReadonlyMap<Pool, ReadonlyMap<string, Placement>>; // of the others

  /** `previous`, the snapshot before this one, lends what its pools remember. */
  constructor(rules: Rules, previous?: Snapshot) {
    this.version = rules.hash;
    this.rules = rules;
    this.pools = new Map([...rules.pools.values()].map((pool) => [pool.name, new Pool(pool, previous?.pools.get(pool.name))]));
    const pools = [...this.pools.values()];
    this.#usual = new Map(pools.map((pool) => [pool, ordinary(pool)]));
    this.#placements = new Map(
      pools.map((pool) => [pool, new Map([...rules.customers].map(([customer, tuning]) => [customer, placeIn(pool, tuning)]))]),
    );
    this.router = createRouter(rules.virtualHosts, rules.customer);
    this.isControl = createStripTest(stripList(rules));
  }

  pool(name: string): Pool | undefined {
    return this.pools.get(name);
  }

  /** `pool` is one of this snapshot's. */
  placementOf(pool: Pool, customer: string): Placement {
    return this.#placements.get(pool)?.get(customer) ?? this.#usual.get(pool) ?? ordinary(pool);
  }
}
