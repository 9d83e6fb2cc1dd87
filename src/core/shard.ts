import type { Pool } from "./pool.ts";
import type { Placement } from "./tuning.ts";

/** A customer's shard: whatever is up, and until an operator says otherwise. */
export interface Shard {
  readonly pool: Pool; // another than was asked for, where a quarantine says so
  readonly how: "deal" | "pin" | "quarantine";
  readonly members: readonly number[]; // places, in deal order; none when nothing can be dealt
  readonly placement: Placement;
}

/** Finds pools and what is said of customers in them. */
export interface Placements {
  pool(name: string): Pool | undefined;
  placementOf(pool: Pool, customer: string): Placement;
}

/** The shard of a customer (byte string) in a pool: quarantine before pin before deal. Undefined when there is no such pool. */
export function shardOf(customer: string, name: string, placements: Placements): Shard | undefined {
  const pool = placements.pool(name);
  if (pool === undefined) return undefined;
  const placement = placements.placementOf(pool, customer);
  const { quarantine, pinned, terms } = placement;
  if (quarantine === undefined) {
    return pinned === undefined
      ? { pool, how: "deal", members: pool.deal(customer, terms), placement }
      : { pool, how: "pin", members: pinned, placement };
  }
  if (quarantine === "alone")
    return { pool, how: "quarantine", members: pool.deal(customer, terms).slice(0, 1), placement: confined(placement) };
  const ward = placements.pool(quarantine.pool) ?? pool;
  const there = confined(placements.placementOf(ward, customer));
  return { pool: ward, how: "quarantine", members: ward.deal(customer, there.terms), placement: there };
}

/** Who is in quarantine spills nowhere. */
const confined = (placement: Placement): Placement => ({ ...placement, spill: 0 });

/** The targets that a shard spills to when all of it is down: the next of the customer's rank order that are no members. */
export function spillOf(customer: string, { pool, members, placement: { terms, spill } }: Shard): readonly number[] {
  if (spill === 0) return [];
  return pool.dealer
    .rank(customer, terms, members.length + spill) // among so many there are as many that are no members
    .filter((place) => !members.includes(place))
    .slice(0, spill);
}
