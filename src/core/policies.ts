import type { Policy } from "./decide.ts";
import { customer } from "./policies/customer.ts";
import { region } from "./policies/region.ts";
import { rewrite } from "./policies/rewrite.ts";
import { route } from "./policies/route.ts";
import { shard } from "./policies/shard.ts";
import { stamp } from "./policies/stamp.ts";
import { strip } from "./policies/strip.ts";
import { target } from "./policies/target.ts";

/**
 * What is asked of every request, in this order. The order is a promise:
 * nothing reads a header before `strip` has judged it, and nothing is looked up for a request that has no route.
 * `rewrite` comes last, for what it writes may name the target.
 */
export const requestPolicies: readonly Policy[] = [strip, route, customer, region, target, shard, rewrite];

/** What is asked of a response whose headers are looked at, likewise. */
export const responsePolicies: readonly Policy[] = [stamp];
