import { Dealer } from "../deal/deal.ts";
import type { DealRules, DealTarget } from "./plan.ts";

/** What deals the shards of a simulation: the places of a customer's targets (byte string in), in deal order. */
export interface Deals {
  deal(customer: string): readonly number[];
}

/** riffle's own dealer: what is simulated is what is served. */
export function createDealer(targets: readonly DealTarget[], rules: DealRules): Deals {
  const { zones } = rules;
  if (zones === "spread") throw new Error("the dealer does not know `spread`");
  return new Dealer(targets, { ...rules, zones });
}
