import { toDisplay } from "./bytes.ts";
import type { Pool } from "./pool.ts";
import { type Shard, shardOf, spillOf } from "./shard.ts";
import type { Snapshot } from "./snapshot.ts";

/** A customer's shard for people and for `--json`: every target of the pool, and why it was taken or passed over. */
export interface ShardExplanation {
  readonly pool: string; // where it was dealt: another than the route's in quarantine
  readonly how: Shard["how"];
  readonly size: number;
  readonly members: readonly string[]; // ids, in deal order
  readonly targets: readonly TargetExplanation[]; // in the customer's rank order, then those not dealable
  readonly spill: readonly string[]; // ids that may serve when all members are down
}

export interface TargetExplanation {
  readonly id: string;
  readonly zone: string;
  readonly weight: number;
  readonly state: string;
  readonly isEjected: boolean; // passed over for what it answered, as the instance that explains sees it
  readonly rank: number | undefined; // from 1; undefined: not dealable
  readonly score: number | undefined; // uint32; of two targets of one weight the lower one ranks first
  readonly taken: boolean;
  readonly why: string;
}

/** What two customers share. */
export interface OverlapExplanation {
  readonly other: string;
  readonly members: readonly string[]; // the other one's shard
  readonly shared: readonly string[];
}

/** What is known where it is explained. */
export interface Scope {
  readonly snapshot: Snapshot;
  readonly isEjected: (pool: Pool, place: number) => boolean;
}

/** Undefined when there is no such pool. Pure; deals the shard again, as the policy did. */
export function explainShard(customer: string, pool: string, { snapshot, isEjected }: Scope): ShardExplanation | undefined {
  const shard = shardOf(customer, pool, snapshot);
  if (shard === undefined) return undefined;
  const ids = (places: readonly number[]): readonly string[] => shard.pool.at(places).map(({ id }) => id);
  return {
    pool: shard.pool.name,
    how: shard.how,
    size: shard.members.length,
    members: ids(shard.members),
    targets: explainTargets(customer, shard, isEjected),
    spill: ids(spillOf(customer, shard)),
  };
}

/** Both shards are those of the same pool. Undefined when there is no such pool. */
export function explainOverlap(customer: string, other: string, pool: string, snapshot: Snapshot): OverlapExplanation | undefined {
  const own = shardOf(customer, pool, snapshot);
  const others = shardOf(other, pool, snapshot);
  if (own === undefined || others === undefined) return undefined;
  const members = others.pool.at(others.members).map(({ id }) => id);
  const mine = new Set(own.pool.at(own.members).map(({ id }) => id));
  return { other: toDisplay(other), members, shared: members.filter((id) => mine.has(id)) };
}

function explainTargets(customer: string, shard: Shard, isEjected: Scope["isEjected"]): readonly TargetExplanation[] {
  const { pool, placement } = shard;
  const ranked = pool.dealer.rankValues(customer, placement.terms);
  const lastRank = ranked.findLastIndex(({ place }) => shard.members.includes(place));
  const explained = ranked.map(({ place, score }, index) => explainTarget(shard, { place, score, index, lastRank }));
  const dealable = new Set(ranked.map(({ place }) => place));
  const rest = pool.targets.filter(({ place }) => !dealable.has(place));
  const undealt = rest.map(({ place }) => explainTarget(shard, { place, score: undefined, index: undefined, lastRank }));
  return [...explained, ...undealt].map(({ place, ...target }) => ({ ...target, isEjected: isEjected(pool, place) }));
}

interface Ranking {
  readonly place: number;
  readonly score: number | undefined;
  readonly index: number | undefined; // in rank order; undefined: not dealable
  readonly lastRank: number; // of the last member
}

function explainTarget(shard: Shard, ranking: Ranking): Omit<TargetExplanation, "isEjected"> & { readonly place: number } {
  const target = shard.pool.targets[ranking.place];
  const taken = shard.members.includes(ranking.place);
  return {
    place: ranking.place,
    id: target?.id ?? "",
    zone: toDisplay(target?.zone ?? ""),
    weight: target?.weight ?? 0,
    state: target?.state ?? "down",
    rank: ranking.index === undefined ? undefined : ranking.index + 1,
    score: ranking.score,
    taken,
    why: taken ? whyTaken(shard) : whyNot(shard, ranking),
  };
}

function whyTaken({ how, pool, placement }: Shard): string {
  if (how === "pin") return "pinned";
  if (placement.quarantine === "alone") return "quarantine: first of its own deal, alone";
  return pool.rules.shard.zones === "spread" ? "its zone's turn" : "in rank order";
}

function whyNot({ how, pool, placement }: Shard, { place, index, lastRank }: Ranking): string {
  if (placement.terms.avoid.has(place)) return "avoided by this customer";
  if (index === undefined) return "weight 0: dealt to nobody";
  if (how === "pin") return "not among the pins";
  if (placement.quarantine === "alone") return "quarantine: the customer is alone on its first target";
  if (index > lastRank) return "the shard was full";
  return pool.rules.shard.zones === "spread"
    ? "it was other zones' turn"
    : "its zone has a member already, and others must come from other zones";
}
