import { requestKeyOf } from "./affinity.ts";
import type { Key } from "./deal/key.ts";
import { pickAt, pickFirst, pickOrder } from "./deal/pick.ts";
import { mixLanes } from "./deal/score.ts";
import type { Exchange, Picked } from "./exchange.ts";
import type { Pool, PoolMember } from "./pool.ts";
import type { TargetState } from "./rules.ts";
import { type Shard, spillOf } from "./shard.ts";
import type { Live } from "./verdict.ts";

/**
 * Which target of a shard serves an exchange, and which ones a retry takes. Health filters the pick, never the shard: members that
 * are down or ejected are passed over, draining ones serve only where no other member can. All down: what the shard spills to,
 * if it may. Undefined when nothing is up. riffle-1, 3.7 and 5.3 to 5.7.
 */
export function choose(shard: Shard, { exchange, customer, live }: Asking): Picked | undefined {
  const { pool, members, placement } = shard;
  const drawn = drawOne(shard, exchange, live);
  if (drawn !== undefined) return { pool, order: [drawn], isSpilled: false };
  const sticky = requestKeyOf(exchange, pool.rules.shard.pick);
  const asked: Asked = { pool, live, exchange, sticky, customer: pool.dealer.keyOf(customer, placement.terms.reseed) };
  // Former members hold what sticks to them, and get nothing else; from a quarantine nothing goes back to them.
  const former = sticky === undefined || shard.how === "quarantine" ? [] : live.formerOf(customer, members, exchange.atMs);
  const order = orderOf(former.length === 0 ? members : [...members, ...former], asked);
  if (order.length > 0) return { pool, order: pool.at(order), isSpilled: false };
  const beyond = orderOf(spillOf(customer, shard), asked);
  return beyond.length === 0 ? undefined : { pool, order: pool.at(beyond), isSpilled: true };
}

/** Who asks, and what is known of the targets. */
export interface Asking {
  readonly exchange: Exchange;
  readonly customer: string; // byte string
  readonly live: Live;
}

interface Asked {
  readonly pool: Pool;
  readonly live: Live;
  readonly exchange: Exchange;
  readonly sticky: Key | undefined; // of what the request sticks by; undefined: by nothing
  readonly customer: Key;
}

/** One of the members by chance, where chance alone decides and no order is told: nearly always the one drawn first is up. */
function drawOne({ pool, members }: Shard, { chance, atMs }: Exchange, live: Live): Pool["targets"][number] | undefined {
  const { pick, weightedPick } = pool.rules.shard;
  if (pick.kind !== "random" || weightedPick || pool.outputs.tellsOrder) return undefined;
  const target = pool.targets[members[pickAt(chance, members.length)] ?? -1];
  return target !== undefined && target.state === "active" && !live.isEjected(target.place, atMs) ? target : undefined;
}

/** The places that are up, first choice first, as far as Envoy will be told. */
function orderOf(places: readonly number[], asked: Asked): readonly number[] {
  const active = upAs("active", places, asked);
  const up = active.length > 0 ? active : upAs("draining", places, asked);
  if (up.length < 2) return up;
  const { pool, exchange, sticky, customer } = asked;
  const isByLoad = sticky === undefined && pool.rules.shard.pick.kind === "least_loaded";
  const lightest = isByLoad ? lighterOfTwo(up, asked) : undefined;
  if (lightest !== undefined && !pool.outputs.tellsOrder) return [lightest];
  const members = up.map((place) => pool.targets[place]?.member).filter((member) => member !== undefined);
  const request = sticky ?? chanceKey(exchange.chance);
  const order = pool.outputs.tellsOrder ? pickOrder(customer, request, members) : first(pickFirst(customer, request, members, () => true));
  const ranked = order.map(({ place }) => place);
  return lightest === undefined ? ranked : [lightest, ...ranked.filter((place) => place !== lightest)];
}

const first = (member: PoolMember | undefined): readonly PoolMember[] => (member === undefined ? [] : [member]);

const upAs = (state: TargetState, places: readonly number[], { pool, live, exchange }: Asked): readonly number[] =>
  places.filter((place) => pool.targets[place]?.state === state && !live.isEjected(place, exchange.atMs));

/**
 * The power of two choices: two different ones by chance, of which the one with fewer exchanges under way serves. A tie falls to the
 * first, which is as random as the second. With weights, fewer for its weight.
 */
function lighterOfTwo(places: readonly number[], { pool, live, exchange: { chance } }: Asked): number | undefined {
  const at = pickAt(chance, places.length);
  const other = (at + 1 + pickAt(mixLanes(chance, SECOND), places.length - 1)) % places.length;
  const [one, two] = [places[at], places[other]];
  if (one === undefined || two === undefined) return one;
  const load = (place: number): number => live.inFlight(place) / (pool.targets[place]?.member.weight ?? 1);
  return load(two) < load(one) ? two : one;
}

/** A request key that sticks to nothing. */
const chanceKey = (chance: number): Key => ({ lo: chance, hi: mixLanes(chance, THIRD) });

// Further draws from one chance; any two different numbers do.
const SECOND = 0x5bd1e995;
const THIRD = 0x2545f491;
