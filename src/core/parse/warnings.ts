import { checkGuardRails } from "../deal/guard-rails.ts";
import type { PoolRules, Problem, Rules } from "../rules.ts";
import { isOwnMachine } from "./address.ts";

/** What works and is likely not meant, one warning per cause. */
export function warnOfPool({ name, targets, shard }: PoolRules): readonly Problem[] {
  const { size, zones: mode, minZones, salt } = shard;
  return checkGuardRails({ targets, size, mode, minZones, salt }).map(({ about, message }) => ({
    path: ["pools", name, "shard", about],
    message: `pool ${name}: ${message}`,
  }));
}

/** Envoy told how to reach a TLS that nobody speaks. */
export function warnOfTls({ listen, envoy }: Pick<Rules, "listen" | "envoy">): readonly Problem[] {
  if (envoy.tls === undefined || listen.grpc.some(({ tls }) => tls !== undefined)) return [];
  return [{ path: ["envoy", "tls"], message: "envoy.tls has no effect: no address of listen.grpc has tls" }];
}

/** The admin listener has no password: reaching it is what lets a caller in. */
export function warnOfAdmin({ listen: { admin } }: Pick<Rules, "listen">): readonly Problem[] {
  if (admin === undefined || isOwnMachine(admin)) return [];
  return [{ path: ["listen", "admin"], message: "whoever reaches listen.admin may reload; let only those in whom you trust" }];
}
