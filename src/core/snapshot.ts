import type { NameTest } from "./exchange.ts";
import { Router } from "./match/routes.ts";
import { Pool } from "./pool.ts";
import type { Rules } from "./rules.ts";
import { createStripTest, stripList } from "./strip-list.ts";

/**
 * Everything decisions read, under one version; replaced whole by one assignment. Immutable: an exchange keeps the one it
 * began with. Lookups are derived here, once.
 */
export class Snapshot {
  /** Made of content: the same on every instance with the same rules. 16 hex digits. */
  readonly version: string;
  readonly rules: Rules;
  readonly pools: ReadonlyMap<string, Pool>;
  readonly router: Router;
  /** Whether a header of this name, sent by a client, has to go. */
  readonly isControl: NameTest;

  constructor(rules: Rules) {
    this.version = rules.hash;
    this.rules = rules;
    this.pools = new Map([...rules.pools.values()].map((pool) => [pool.name, new Pool(pool)]));
    this.router = new Router(rules.virtualHosts);
    this.isControl = createStripTest(stripList(rules));
  }
}
