import type { Picked } from "../core/exchange.ts";
import type { Observer, Outcome } from "../core/observer.ts";
import type { Pool } from "../core/pool.ts";
import type { Live } from "../core/verdict.ts";
import { LivePool } from "./live-pool.ts";

const QUIET: Live = { inFlight: () => 0, isEjected: () => false, formerOf: () => [] };

/** Live facts where nothing is observed: for `explain` and benchmarks. */
export const quietLive = (): Live => QUIET;

/**
 * What one instance observes of its targets: in memory alone, in no snapshot and no version. Known by pool name and target id, so
 * that a change of rules leaves it as it is.
 */
export class LiveFacts {
  #now: ReadonlyMap<string, LivePool> = new Map(); // by name: the pools of the snapshot in force
  readonly #views = new WeakMap<Pool, LivePool>(); // exchanges go on with the pool they began with

  /** To be told of every snapshot's pools before it comes into force. Targets that none of them has are forgotten. */
  follow(pools: Iterable<Pool>, atMs: number): void {
    this.#now = new Map([...pools].map((pool) => [pool.name, this.#viewOf(pool)]));
    for (const pool of this.#now.values()) pool.heed(atMs);
  }

  /** The oracle's answer to the question of live facts. */
  readonly live = ({ pool }: { readonly pool: Pool }): Live => this.#viewOf(pool);

  /** Hears of exchanges that went to a target of a pool. */
  readonly observer: Observer = {
    decided: () => {}, // what comes of it tells more
    begin: ({ picked }) => picked && this.begin(picked),
    end: ({ picked }) => picked && this.end(picked),
    respond: ({ picked }, outcome, atMs) => picked && this.respond(picked, outcome, atMs),
  };

  begin({ pool, order }: Picked): void {
    this.#viewOf(pool).count(order[0]?.place ?? -1, 1);
  }

  end({ pool, order }: Picked): void {
    this.#viewOf(pool).count(order[0]?.place ?? -1, -1);
  }

  /** Judged by the rules in force now, even if the exchange began before them. */
  respond({ pool, order }: Picked, outcome: Outcome, atMs: number): void {
    const now = this.#now.get(pool.name) ?? this.#viewOf(pool);
    // Each attempt takes the next host of the list. Without a list all of them went to the one target.
    const answering = pool.outputs.tellsOrder ? outcome.attempts - 1 : 0;
    for (const { id } of order.slice(0, answering)) now.failed(id, atMs);
    const answered = order[answering]; // beyond the list nobody knows who it was
    if (answered === undefined) return;
    if (outcome.status >= 500) now.failed(answered.id, atMs);
    // What Envoy refuses itself, such as a body too large, says nothing of the target.
    else if (!(outcome.isLocalReply && outcome.status >= 400)) now.succeeded(answered.id, atMs);
  }

  #viewOf(pool: Pool): LivePool {
    const known = this.#views.get(pool);
    if (known !== undefined) return known;
    const view = new LivePool(pool, this.#now.get(pool.name));
    this.#views.set(pool, view);
    return view;
  }
}
