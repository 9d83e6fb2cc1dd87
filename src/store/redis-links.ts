import type { RedisRules, StoreRules } from "../core/rules.ts";
import { Farewell } from "./farewell.ts";
import type { Standing } from "./redis/reach.ts";
import type { RedisPort } from "./redis.ts";

/** How a server is connected to, and who hears of its changes. */
export interface LinkParts {
  readonly open: (rules: RedisRules, report: (standing: Standing) => void) => RedisPort;
  readonly report: (rules: RedisRules, standing: Standing) => void;
}

interface Link {
  readonly content: string;
  readonly port: RedisPort;
}

/** The connection to the store that the rules name: the same one for as long as they name it so, through any number of reloads. */
export class RedisLinks {
  readonly #parts: LinkParts;
  readonly #farewell = new Farewell();
  #link: Link | undefined; // of the snapshot in force

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  /** To be told of every snapshot's store before it comes into force, and before anybody asks for `to` it. */
  follow(store: StoreRules | undefined): void {
    const before = this.#link;
    const content = store && JSON.stringify(store.redis);
    if (before?.content === content) return;
    this.#link = store && this.#open(store.redis);
    if (before !== undefined) this.#farewell.leave(before.port);
  }

  /** The connection to the store followed last. */
  to(rules: RedisRules): RedisPort {
    if (this.#link?.content !== JSON.stringify(rules)) throw new Error("a store is asked for that was not followed");
    return this.#link.port;
  }

  /** Settled once the store followed last can be asked without a wait of our own making. */
  async ready(): Promise<void> {
    await this.#link?.port.ready;
  }

  async close(): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    await Promise.all([link?.port.close(), this.#farewell.close()]);
  }

  #open(rules: RedisRules): Link {
    const { open, report } = this.#parts;
    const link: Link = {
      content: JSON.stringify(rules),
      port: open(rules, (standing) => {
        if (this.#link === link) report(rules, standing); // what was left may break as it likes
      }),
    };
    return link;
  }
}
