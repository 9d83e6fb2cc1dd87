import type { Policy } from "../decide.ts";
import { adjust, answer, ask, pass } from "../verdict.ts";

/** Deals the customer its shard and picks one target of it; no request ever leaves its shard. */
export const shard: Policy = ({ known: { customer, pool: name }, chance }, { pools }) => {
  if (customer === undefined || name === undefined) return pass;
  const pool = pools.get(name);
  if (pool === undefined) return answer(503, "no such pool");
  return ask("live", { pool: name }, (live) => {
    const target = pool.pick(pool.shardOf(customer), live, chance);
    return target === undefined ? answer(503, "no target of the shard is up") : adjust(target.output);
  });
};
