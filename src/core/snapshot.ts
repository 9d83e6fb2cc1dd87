import type { NameTest } from "./exchange.ts";
import { compileRouter, type Router } from "./match/routes.ts";
import { compilePool, type Pool } from "./pool.ts";
import type { Rules } from "./rules.ts";
import type { Placements } from "./shard.ts";
import { finish, mapInSteps, type Steps } from "./steps.ts";
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
  readonly #placements: ReadonlyMap<Pool, ByCustomer>; // of the others

  /** `previous`, the snapshot before this one, lends what its pools remember. */
  constructor(rules: Rules, previous?: Snapshot, { pools, placements, router } = finish(compileParts(rules, previous))) {
    this.version = rules.hash;
    this.rules = rules;
    this.pools = pools;
    this.#usual = new Map([...pools.values()].map((pool) => [pool, ordinary(pool)]));
    this.#placements = placements;
    this.router = router;
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

type ByCustomer = ReadonlyMap<string, Placement>;

/** The same in steps, for a process that answers requests meanwhile. */
export function* compileSnapshot(rules: Rules, previous?: Snapshot): Steps<Snapshot> {
  return new Snapshot(rules, previous, yield* compileParts(rules, previous));
}

/** What takes long with many routes, targets or customers. */
interface Parts {
  readonly pools: ReadonlyMap<string, Pool>;
  readonly placements: ReadonlyMap<Pool, ByCustomer>;
  readonly router: Router;
}

function* compileParts(rules: Rules, previous: Snapshot | undefined): Steps<Parts> {
  const pools = new Map<string, Pool>();
  const placements = new Map<Pool, ByCustomer>();
  for (const poolRules of rules.pools.values()) {
    const pool = yield* compilePool(poolRules, previous?.pools.get(poolRules.name));
    const byCustomer = new Map<string, Placement>();
    yield* mapInSteps(rules.customers, ([customer, tuning]) => byCustomer.set(customer, placeIn(pool, tuning)));
    pools.set(pool.name, pool);
    placements.set(pool, byCustomer);
    yield;
  }
  return { pools, placements, router: yield* compileRouter(rules.virtualHosts, rules.customer) };
}
