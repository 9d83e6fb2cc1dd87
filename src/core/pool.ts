import { compileDealer, type Dealer, type Terms } from "./deal/deal.ts";
import { DealCache } from "./deal/deal-cache.ts";
import { targetKey } from "./deal/key.ts";
import type { Member } from "./deal/pick.ts";
import { createOutputs, type Outputs } from "./pool-output.ts";
import type { PoolRules, TargetRules } from "./rules.ts";
import { finish, mapInSteps, type Steps } from "./steps.ts";

/** How many customers' shards a pool remembers. */
const REMEMBERED_DEALS = 100_000;

/** What a request is sent to. */
export interface Target extends TargetRules {
  readonly place: number; // index in its pool
  readonly member: PoolMember;
}

/** A target as the pick ranks it; it weighs only where the pool picks by weight. */
export interface PoolMember extends Member {
  readonly place: number;
}

/** The targets of one pool, ready to be dealt. Immutable; what it remembers changes no answer. */
export class Pool {
  readonly name: string;
  readonly rules: PoolRules;
  readonly targets: readonly Target[]; // in the file's order
  readonly outputs: Outputs;
  readonly dealer: Dealer;
  readonly deals: DealCache;
  readonly #places: ReadonlyMap<string, number>; // by id

  /** `previous`, the pool of this name before its rules changed, lends what it remembers. */
  constructor(rules: PoolRules, previous?: Pool, parts = finish(compileParts(rules, previous))) {
    this.name = rules.name;
    this.rules = rules;
    this.targets = parts.targets;
    this.#places = parts.places;
    this.outputs = parts.outputs;
    this.dealer = parts.dealer;
    this.deals = previous?.deals ?? new DealCache(REMEMBERED_DEALS);
  }

  /** The places dealt to a customer (byte string), in deal order: always the same, whatever is up. */
  deal(customer: string, terms?: Terms): readonly number[] {
    return this.deals.shardOf(this.dealer, customer, terms);
  }

  /** The place of a target, by its id; undefined when the pool has none such. */
  placeOf(id: string): number | undefined {
    return this.#places.get(id);
  }

  /** The targets at these places. */
  at(places: readonly number[]): readonly Target[] {
    return places.map((place) => this.targets[place] as Target); // places are of this very list
  }

  /** What is dealt to a customer of whom nothing special is said, as targets. */
  shardOf(customer: string): readonly Target[] {
    return this.at(this.deal(customer));
  }
}

/** The same in steps. */
export function* compilePool(rules: PoolRules, previous: Pool | undefined): Steps<Pool> {
  return new Pool(rules, previous, yield* compileParts(rules, previous));
}

/** What takes long in a large pool. */
interface Parts {
  readonly targets: readonly Target[];
  readonly places: ReadonlyMap<string, number>;
  readonly outputs: Outputs;
  readonly dealer: Dealer;
}

function* compileParts(rules: PoolRules, previous: Pool | undefined): Steps<Parts> {
  const { targets: written, shard } = rules;
  const targets = yield* mapInSteps(written, (target, place) => ({
    ...target,
    place,
    member: memberOf(target, place, shard.weightedPick),
  }));
  const places = new Map<string, number>();
  yield* mapInSteps(written, ({ id }, place) => places.set(id, place));
  yield;
  const outputs = createOutputs(rules);
  yield;
  return { targets, places, outputs, dealer: yield* compileDealer(written, shard, previous?.dealer) };
}

function memberOf({ id, weight }: TargetRules, place: number, isWeighted: boolean): PoolMember {
  const member = { id, key: targetKey(id), place };
  return isWeighted && weight > 0 ? { ...member, weight } : member;
}
