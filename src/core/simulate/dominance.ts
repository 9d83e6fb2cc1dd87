import { toDisplay } from "../bytes.ts";
import type { Census } from "./census.ts";
import type { Plan } from "./plan.ts";

/** Shards of one size balance badly when one customer brings more to each of its targets than the average target serves in all. */
export function warnOfDominance({ customers: { demand, name }, size }: Plan, census: Census): readonly string[] {
  if (demand === undefined || census.demand === undefined) return [];
  let heaviest = 0;
  demand.forEach((weight, customer) => {
    if (weight > (demand[heaviest] ?? 0)) heaviest = customer;
  });
  const mean = census.demand.reduce((a, b) => a + b) / census.demand.length;
  const part = (demand[heaviest] ?? 0) / size;
  if (part <= mean) return [];
  const times = (part / mean).toFixed(1);
  return [
    `customer ${toDisplay(name(heaviest))} alone brings its targets ${times} × the average demand; a larger size or a pin spreads it`,
  ];
}
