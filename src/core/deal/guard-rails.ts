import { toDisplay } from "../bytes.ts";
import { type Size, shardSize } from "./size.ts";

/** A pool as its guard rails see it. */
export interface Guarded {
  readonly targets: readonly { readonly zone: string; readonly weight?: number | undefined }[]; // at least one
  readonly size: Size;
  readonly mode: "min" | "spread" | "plain";
  readonly minZones: number | undefined;
  readonly salt: string;
}

/** What works and is likely not meant: one line with the remedy, and the setting it is about. */
export interface GuardRail {
  readonly about: "size" | "min_zones" | "zones" | "salt";
  readonly message: string;
}

/** All that can be said against a way to deal without knowing its customers; one line per cause. */
export function checkGuardRails(pool: Guarded): readonly GuardRail[] {
  const dealt = pool.targets.filter(({ weight }) => weight !== 0); // weight 0 is not dealable: riffle-1, 3.4
  const zones = sumByZone(dealt, () => 1);
  const size = shardSize(pool.size, dealt.length);
  return [
    ...about("size", warnOfSize(dealt.length, size, pool.size)),
    ...about("min_zones", warnOfMinZones(pool.minZones, zones.size)),
    ...about("zones", pool.mode === "spread" ? warnOfSmallZones(zones, size) : warnOfLargeZone(dealt)),
    ...about("salt", pool.salt === "" ? ["without a salt anybody can compute who shares targets; set a secret one"] : []),
  ];
}

/** Too few shards for so many customers: some share all their targets, whatever the deal. */
export function warnOfFewShards(possible: number, customers: number): readonly string[] {
  if (possible >= customers) return [];
  const shards = `only ${count(possible, "shard")} exist${possible === 1 ? "s" : ""} for ${customers.toLocaleString("en-US")} customers`;
  return [`${shards}, and many share all their targets; add targets, or choose a larger size as long as it is below a quarter of them`];
}

const about = (setting: GuardRail["about"], messages: readonly string[]): readonly GuardRail[] =>
  messages.map((message) => ({ about: setting, message }));

function warnOfSize(n: number, k: number, size: Size): readonly string[] {
  const single = k === 1 ? ["a shard of one target has no redundancy; size 2 survives the loss of one"] : [];
  return [...single, ...warnOfSharing(n, k, size.kind === "count" ? size.count : k)];
}

function warnOfSharing(n: number, k: number, asked: number): readonly string[] {
  const sizes = `a shard is ${k} of ${count(n, "target")}`;
  if (asked > n) return [`shard size ${asked} is larger than the pool of ${n}; it counts as ${n}, and every customer shares every target`];
  if (k === n) return [`${sizes}, which isolates nobody; choose a smaller size or add targets`];
  return k > n / 4 ? [`${sizes}, more than a quarter, and customers share many; choose a smaller size or add targets`] : [];
}

const warnOfMinZones = (minZones: number | undefined, zones: number): readonly string[] =>
  minZones !== undefined && minZones > zones ? [`min_zones is ${minZones}, and the targets are in ${count(zones, "zone")}`] : [];

/** Every zone gives as many members, so the targets of a small one serve more customers than others, or do not suffice. */
function warnOfSmallZones(zones: ReadonlyMap<string, number>, size: number): readonly string[] {
  const share = size / zones.size;
  const average = [...zones.values()].reduce((sum, targets) => sum + targets, 0) / zones.size;
  return [...zones].flatMap(([zone, targets]) => {
    const has = `${nameOf(zone)} has ${count(targets, "target")}`;
    if (targets < Math.floor(share)) {
      return [`${has}, fewer than its share of a shard, ${Math.floor(share)}; other zones fill in: add targets there`];
    }
    const load = average / targets;
    return load > 1.5 ? [`${has}, and each serves ${load.toFixed(1)} × the average; add targets there, or use min_zones`] : [];
  });
}

/** A shard of any size lies mostly there, and goes with it. */
function warnOfLargeZone(targets: Guarded["targets"]): readonly string[] {
  const weights = sumByZone(targets, ({ weight = 100 }) => weight);
  const all = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  if (weights.size < 2) return []; // then zones are not what the pool is about
  return [...weights]
    .filter(([, weight]) => weight > 0.6 * all)
    .map(
      ([zone, weight]) =>
        `${nameOf(zone)} holds ${Math.round((100 * weight) / all)} % of the pool, and most of a shard goes with it; even the zones out`,
    );
}

type GuardedTarget = Guarded["targets"][number];

function sumByZone(targets: Guarded["targets"], of: (target: GuardedTarget) => number): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const target of targets) sums.set(target.zone, (sums.get(target.zone) ?? 0) + of(target));
  return sums;
}

const nameOf = (zone: string): string => (zone === "" ? "the zone of targets without one" : `zone ${toDisplay(zone)}`);
const count = (n: number, what: string): string => `${n.toLocaleString("en-US")} ${what}${n === 1 ? "" : "s"}`;
