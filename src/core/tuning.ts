import type { Terms } from "./deal/deal.ts";
import type { Size } from "./deal/size.ts";
import type { Pool } from "./pool.ts";

/** What an operator may say of one customer; what is undefined is left to what comes next in precedence. */
export interface Tuning {
  readonly size?: Size | undefined;
  readonly reseed?: number | undefined; // uint32
  readonly pin?: readonly string[] | undefined; // target ids: the shard, instead of a deal
  readonly avoid?: readonly string[] | undefined; // target ids: weigh 0 for this customer
  readonly quarantine?: Quarantine | undefined;
  readonly spill?: number | undefined;
}

/** alone: on the first target of its own deal. Else dealt a shard of another pool. */
export type Quarantine = "alone" | { readonly pool: string };

/** What is said of a customer for all pools, and for single ones, which counts more. */
export interface CustomerTuning {
  readonly everywhere: Tuning;
  readonly byPool: ReadonlyMap<string, Tuning>;
}

/** What holds for one customer in one pool. Precedence: quarantine, pin, deal. */
export interface Placement {
  readonly quarantine: Quarantine | undefined;
  readonly pinned: readonly number[] | undefined; // places
  readonly terms: Terms;
  readonly spill: number;
}

/** What holds in a pool where nothing is said of a customer. */
export const ordinary = ({ dealer, rules }: Pool): Placement => ({
  quarantine: undefined,
  pinned: undefined,
  terms: dealer.terms,
  spill: rules.shard.spill,
});

/**
 * What a customer's tuning comes to in one pool: for each field the most exact word counts, `<pool>/x` before `x`. Targets
 * that the pool does not have are passed over: a pin to none of its targets is no pin there.
 */
export function placeIn(pool: Pool, { everywhere, byPool }: CustomerTuning): Placement {
  const here: Tuning = byPool.get(pool.name) ?? {};
  const usual = ordinary(pool);
  const places = (ids: readonly string[] | undefined): readonly number[] => (ids === undefined ? [] : placesOf(ids, pool));
  const pinned = places(here.pin ?? everywhere.pin);
  return {
    quarantine: here.quarantine ?? everywhere.quarantine,
    pinned: pinned.length > 0 ? pinned : undefined,
    terms: {
      size: here.size ?? everywhere.size ?? usual.terms.size,
      reseed: here.reseed ?? everywhere.reseed ?? usual.terms.reseed,
      avoid: new Set(places(here.avoid ?? everywhere.avoid)),
    },
    spill: here.spill ?? everywhere.spill ?? usual.spill,
  };
}

/** In the order given, each once. */
const placesOf = (ids: readonly string[], pool: Pool): readonly number[] => [...new Set(ids)].flatMap((id) => pool.placeOf(id) ?? []);
