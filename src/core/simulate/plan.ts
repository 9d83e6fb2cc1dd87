import type { Dealable, DealRules } from "../deal/deal.ts";
import { type DealLaw, dealLaw } from "../deal/makeup.ts";
import { shardSize } from "../deal/size.ts";

/** Who is dealt a shard: customers 0 … count − 1. */
export interface Customers {
  readonly count: number; // at least 2
  readonly name: (customer: number) => string; // byte string
  readonly demand: Float64Array | undefined; // by customer, at least 0, in any unit; undefined: not known
}

/** One change of a pool, to see who moves. */
export type Change =
  | { readonly kind: "add"; readonly zone: string }
  | { readonly kind: "remove"; readonly id: string }
  | { readonly kind: "size"; readonly size: number };

/** What to simulate, as somebody asks for it. */
export interface Request {
  readonly pool: string; // its name
  readonly targets: readonly Dealable[]; // ids distinct
  readonly rules: DealRules;
  readonly customers: Customers;
  readonly failed?: number | undefined; // targets; undefined: 1, 2 and k
  readonly heavy?: number | undefined; // poison customers; undefined: 1, 2 and 5
  readonly changes: readonly Change[]; // in place of the usual one of the same kind
  readonly seed: number; // uint32; of what is drawn, not of the deal
}

/** The request with all defaults filled in. */
export interface Plan extends Omit<Request, "failed" | "heavy"> {
  readonly size: number; // members of a shard
  readonly law: DealLaw | undefined; // see lawOf
  readonly failed: readonly number[]; // ascending
  readonly heavy: readonly number[]; // ascending
}

/** Makes a plan of a request; targets of weight 0 are left out, as in every deal. At least one target must remain. */
export function createPlan(request: Request): Plan {
  const targets = request.targets.filter(({ weight }) => weight !== 0);
  const size = shardSize(request.rules.size, targets.length);
  const upTo = (most: number, numbers: readonly number[]): readonly number[] =>
    [...new Set(numbers)].filter((number) => number <= most).sort((a, b) => a - b);
  return {
    ...request,
    targets,
    size,
    law: lawOf(targets, request.rules),
    failed: upTo(targets.length, request.failed === undefined ? [1, 2, size] : [request.failed]),
    heavy: upTo(request.customers.count - 1, request.heavy === undefined ? [1, 2, 5] : [request.heavy]),
    changes: changesOf(request.changes, targets, size),
  };
}

/** The law of an ideal deal of these targets; undefined where no formula is known: uneven weights, too many zones. */
export function lawOf(targets: readonly Dealable[], { size, zones: mode, minZones }: DealRules): DealLaw | undefined {
  if (new Set(targets.map(({ weight = 100 }) => weight)).size > 1) return undefined;
  return dealLaw({ zones: [...countByZone(targets).values()], size: shardSize(size, targets.length), mode, minZones });
}

/** A target more, one less, a member more: what an operator does next, unless another of the kind is asked for. */
function changesOf(asked: readonly Change[], targets: readonly Dealable[], size: number): readonly Change[] {
  const [smallest] = [...countByZone(targets)].reduce((a, b) => (b[1] < a[1] ? b : a));
  const usual: readonly Change[] = [
    { kind: "add", zone: smallest },
    ...(targets.length > 1 ? [{ kind: "remove", id: targets.at(-1)?.id ?? "" } as const] : []),
    ...(size < targets.length ? [{ kind: "size", size: size + 1 } as const] : []),
  ];
  const others = usual.filter(({ kind }) => !asked.some((change) => change.kind === kind));
  return [...asked, ...others].sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
}

const KINDS: readonly Change["kind"][] = ["add", "remove", "size"];

/** How many targets are in each zone, in the order in which zones come up. */
export function countByZone(targets: readonly Dealable[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { zone } of targets) counts.set(zone, (counts.get(zone) ?? 0) + 1);
  return counts;
}
