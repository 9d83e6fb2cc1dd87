import { shardSize } from "../deal/size.ts";
import type { PoolRules, Problem, Rules } from "../rules.ts";

/** What works and is likely not meant, one warning per cause. */
export function warnOfPool({ name, targets, shard }: PoolRules): readonly Problem[] {
  const path = (key: string): Problem["path"] => ["pools", name, "shard", key];
  const warnings: Problem[] = [];
  for (const message of warnOfSize({ n: targets.length, k: shardSize(shard.size, targets.length), shard })) {
    warnings.push({ path: path("size"), message: `pool ${name}: ${message}` });
  }
  const zones = new Set(targets.map(({ zone }) => zone)).size; // those without a zone are one together
  if (shard.minZones !== undefined && shard.minZones > zones) {
    warnings.push({
      path: path("min_zones"),
      message: `pool ${name}: min_zones is ${shard.minZones}, and the targets are in ${count(zones, "zone")}`,
    });
  }
  if (shard.salt === "") {
    warnings.push({ path: path("salt"), message: `pool ${name}: without a salt anybody can compute who shares targets; set a secret one` });
  }
  return warnings;
}

/** Envoy told how to reach a TLS that nobody speaks. */
export function warnOfTls({ listen, envoy }: Pick<Rules, "listen" | "envoy">): readonly Problem[] {
  if (envoy.tls === undefined || listen.grpc.some(({ tls }) => tls !== undefined)) return [];
  return [{ path: ["envoy", "tls"], message: "envoy.tls has no effect: no address of listen.grpc has tls" }];
}

interface Sizes {
  readonly n: number; // targets in the pool
  readonly k: number; // of them in a shard
  readonly shard: PoolRules["shard"];
}

function warnOfSize({ n, k, shard: { size } }: Sizes): readonly string[] {
  const single = k === 1 ? ["a shard of one target has no redundancy; size 2 survives the loss of one"] : [];
  return [...single, ...warnOfOverlap(n, k, size.kind === "count" ? size.count : k)];
}

function warnOfOverlap(n: number, k: number, asked: number): readonly string[] {
  const sizes = `a shard is ${k} of ${count(n, "target")}`;
  if (asked > n) return [`shard size ${asked} is larger than the pool of ${n}; it counts as ${n}, and every customer shares every target`];
  if (k === n) return [`${sizes}, which isolates nobody; choose a smaller size or add targets`];
  return k > n / 4 ? [`${sizes}, more than a quarter, and customers share many; choose a smaller size or add targets`] : [];
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;
