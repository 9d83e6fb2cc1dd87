import type { Key } from "./key.ts";
import { score } from "./score.ts";

/** A member of a shard, as the pick ranks it: `id` as a byte string, `key` its `targetKey`. */
export interface Member {
  readonly id: string;
  readonly key: Key;
}

/**
 * The members in the order in which they serve this request: the first that is up serves, a retry takes the next.
 * The customer is mixed in on purpose: with the request alone, one hot key would load one target for all customers.
 * riffle-1, 3.7, with equal weights.
 */
export function pickOrder<M extends Member>(customer: Key, request: Key, members: readonly M[]): M[] {
  const asked: Key = { lo: customer.lo ^ request.lo, hi: customer.hi ^ request.hi };
  return members
    .map((member) => ({ member, score: score(asked, member.key) }))
    .sort((a, b) => a.score - b.score || (a.member.id < b.member.id ? -1 : 1))
    .map(({ member }) => member);
}

/** The index of one of `count` (1…2²¹) by chance, each as likely as the others; `chance` is a uint32. */
export const pickAt = (chance: number, count: number): number => Math.floor((chance * count) / 2 ** 32);
