import { Dealer } from "./deal/deal.ts";
import { pickAt } from "./deal/pick.ts";
import type { Output } from "./output.ts";
import { DEFAULT_CLUSTER_HEADER, type PoolRules, type TargetRules } from "./rules.ts";
import type { Facts } from "./verdict.ts";

/** What a request is sent to; `output` tells Envoy so. */
export interface Target extends TargetRules {
  readonly place: number; // index in its pool
  readonly output: Output;
}

/** The targets of one pool, ready to be dealt. Immutable. */
export class Pool {
  readonly name: string;
  readonly targets: readonly Target[]; // in the file's order
  readonly #dealer: Dealer;

  constructor({ name, targets, shard, output }: PoolRules) {
    const header = output.kind === "cluster_header" ? output.header : DEFAULT_CLUSTER_HEADER;
    this.name = name;
    this.targets = targets.map((target, place) => ({ ...target, place, output: { edits: [{ name: header, value: target.id }] } }));
    this.#dealer = new Dealer(targets, shard);
  }

  /** The targets dealt to a customer (byte string), in deal order: always the same, whatever is up. */
  shardOf(customer: string): readonly Target[] {
    const shard: Target[] = [];
    for (const place of this.#dealer.deal(customer)) shard.push(this.targets[place] as Target); // places are of this very list
    return shard;
  }

  /** One member of a shard by chance (uint32), each that is up as likely as the others; undefined when none is. */
  pick(shard: readonly Target[], live: Facts["live"], chance: number): Target | undefined {
    const drawn = shard[pickAt(chance, shard.length)];
    if (drawn === undefined || !live.isEjected(drawn.place)) return drawn;
    const up = shard.filter(({ place }) => !live.isEjected(place));
    return up[pickAt((chance * shard.length) % 2 ** 32, up.length)]; // the rest of the chance, as even as the whole
  }
}
