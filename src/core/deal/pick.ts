import type { Key } from "./key.ts";
import { mixLanes } from "./score.ts";
import { compareRanks } from "./weight.ts";

/** A member of a shard, as the pick ranks it. */
export interface Member {
  readonly id: string; // byte string
  readonly key: Key; // its `targetKey`
  readonly weight?: number; // at least 1, in a pool with weighted pick; absent: 1
}

/**
 * The members in the order in which they serve this request: the first that is up serves, a retry takes the next.
 * The customer is mixed in on purpose: with the request alone, one hot key would load one target for all customers.
 * riffle-1, 3.7.
 */
export function pickOrder<M extends Member>(customer: Key, request: Key, members: readonly M[]): M[] {
  return members
    .map((member) => ({ member, score: scoreOf(customer, request, member) }))
    .sort((a, b) => compare(a.member, a.score, b.member, b.score))
    .map(({ member }) => member);
}

/** The first of the pick order that is up, without sorting: one pass. Undefined when none is. */
export function pickFirst<M extends Member>(
  customer: Key,
  request: Key,
  members: readonly M[],
  isUp: (member: M) => boolean,
): M | undefined {
  let first: M | undefined;
  let firstScore = 0;
  for (const member of members) {
    const score = scoreOf(customer, request, member);
    if ((first === undefined || compare(member, score, first, firstScore) < 0) && isUp(member)) {
      first = member;
      firstScore = score;
    }
  }
  return first;
}

const scoreOf = (customer: Key, request: Key, { key }: Member): number =>
  mixLanes(customer.lo ^ request.lo ^ key.lo, customer.hi ^ request.hi ^ key.hi);

const compare = (a: Member, score: number, b: Member, otherScore: number): number =>
  compareRanks(score, a.weight ?? 1, otherScore, b.weight ?? 1) || (a.id < b.id ? -1 : 1);

/** The index of one of `count` (1…2²¹) by chance, each as likely as the others; `chance` is a uint32. */
export const pickAt = (chance: number, count: number): number => Math.floor((chance * count) / 2 ** 32);
