import { hashKey } from "../deal/key.ts";
import { mixLanes } from "../deal/score.ts";
import type { Exchange } from "../exchange.ts";
import type { Destination, SplitTarget } from "../route-rules.ts";

/**
 * A customer's lasting place among all of them, from 0 to below 1, for one route: other routes order customers otherwise. Where a
 * share grows or shrinks, only customers at its edge change sides.
 */
export function placeOf(customer: string, route: string): number {
  const { lo, hi } = hashKey(["s", route, customer]);
  return mixLanes(lo, hi) / 2 ** 32;
}

/** The part of a split that an exchange belongs to: by its customer, or by chance where it has none. */
export function partOf({ parts }: SplitTarget, route: string, { known: { customer }, chance }: Exchange): Destination {
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  const place = total * (customer === undefined ? chance / 2 ** 32 : placeOf(customer, route));
  let upTo = 0;
  for (const { weight, to } of parts) {
    upTo += weight;
    if (place < upTo) return to;
  }
  throw new RangeError(`a split of ${parts.length} parts that weigh ${total}`); // its rules are none
}
