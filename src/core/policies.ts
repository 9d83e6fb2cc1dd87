import type { Policy } from "./decide.ts";
import { customer } from "./policies/customer.ts";
import { region } from "./policies/region.ts";
import { route } from "./policies/route.ts";
import { shard } from "./policies/shard.ts";
import { strip } from "./policies/strip.ts";

/**
 * What is asked of every request, in this order. The order is a promise:
 * nothing reads a header before `strip` has judged it, and nothing is looked up for a request that has no route.
 */
export const requestPolicies: readonly Policy[] = [strip, route, customer, region, shard];
