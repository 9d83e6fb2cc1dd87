import { toDisplay } from "./bytes.ts";
import type { Exchange } from "./exchange.ts";
import { keyOf } from "./policies/region.ts";
import type { Questions, RegionFact, RegionSource } from "./verdict.ts";

/** Why an exchange has its region: displayable. */
export interface RegionExplanation {
  readonly region: string | undefined; // that stands in the header; undefined: refused
  readonly discovery: string;
  readonly key: string | undefined; // undefined: the request has none, and nothing was asked
  readonly found: string | undefined; // what the discovery says; undefined: none
  readonly how: RegionSource | undefined;
  readonly isAllowed: boolean; // what was found; where it is not, the fallback stands in
}

/** Says where the region comes from; undefined on a route that has none. `find` is what the decision was made with. Pure. */
export function explainRegion(exchange: Exchange, find: (question: Questions["region"]) => RegionFact): RegionExplanation | undefined {
  const rules = exchange.known.route?.region;
  if (rules === undefined) return undefined;
  const { discovery, allowed } = rules;
  const key = keyOf(discovery.key, exchange);
  const fact = key === undefined ? undefined : find({ discovery, key });
  return {
    region: display(exchange.known.region),
    discovery: discovery.name,
    key: display(key),
    found: display(fact?.region),
    how: fact?.how,
    isAllowed: fact?.region !== undefined && allowed.includes(fact.region),
  };
}

const display = (bytes: string | undefined): string | undefined => (bytes === undefined ? undefined : toDisplay(bytes));
