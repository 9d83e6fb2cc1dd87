import { toDisplay } from "../bytes.ts";
import { type Dealable, Dealer, type DealRules } from "../deal/deal.ts";
import { holderShare } from "../deal/overlap.ts";
import { shardSize } from "../deal/size.ts";
import { type Change, countByZone, lawOf, type Plan } from "./plan.ts";
import { type ChangeRow, figure, type Simulation } from "./result.ts";
import type { Sample } from "./sample.ts";
import type { Steps } from "./steps.ts";

/** Each is dealt again for each change. */
const MAX_CUSTOMERS = 100_000;
const STEP = 512;

/** Who moves when the pool changes: the customers of the sample, dealt again. */
export function* countMoved(plan: Plan, sample: Sample): Steps<Simulation["changes"]> {
  const customers = Math.min(sample.count, MAX_CUSTOMERS);
  const rows: ChangeRow[] = [];
  for (const change of plan.changes) rows.push(yield* countChange(plan, { sample, customers, changed: apply(change, plan) }));
  return { customers, rows };
}

/** A pool after a change. Targets keep their place numbers: `placeOf` maps those of the new pool to those of the old. */
interface Changed {
  readonly name: string;
  readonly targets: readonly Dealable[];
  readonly rules: DealRules;
  readonly placeOf: (place: number) => number;
  readonly least: { readonly customers: number; readonly members: number } | undefined; // shares; undefined: no formula
}

function* countChange(
  { customers: { name }, size, targets }: Plan,
  { sample, customers, changed }: { readonly sample: Sample; readonly customers: number; readonly changed: Changed },
): Steps<ChangeRow> {
  const dealer = new Dealer(changed.targets, changed.rules);
  const heldBy = new Uint32Array(targets.length + 1); // 1 + the customer that held a target before; one more for an added target
  let [movers, moved, squares] = [0, 0, 0];
  for (let at = 0; at < customers; at++) {
    if (at % STEP === 0) yield { doing: `seeing who moves: ${changed.name}`, share: at / customers };
    for (let member = 0; member < size; member++) heldBy[sample.placeOf(at, member)] = at + 1;
    let [gained, kept] = [0, 0];
    for (const place of dealer.deal(name(sample.customerOf(at)))) {
      if (heldBy[changed.placeOf(place)] === at + 1) kept += 1;
      else gained += 1;
    }
    const members = Math.max(gained, size - kept); // one that takes another's place is one change
    if (members > 0) movers += 1;
    moved += members;
    squares += members ** 2;
  }
  const mean = moved / customers;
  const deviation = Math.sqrt(Math.max(0, squares / customers - mean ** 2) / customers);
  return {
    change: changed.name,
    customers: figure(movers, customers, changed.least?.customers),
    members: { exact: changed.least?.members, simulated: mean / size, error: deviation / size },
  };
}

function apply(change: Change, plan: Plan): Changed {
  switch (change.kind) {
    case "add":
      return addTarget(change.zone, plan);
    case "remove":
      return removeTarget(change.id, plan);
    case "size": {
      const { targets, rules, size } = plan;
      const least = { customers: change.size === size ? 0 : 1, members: Math.abs(change.size - size) / size };
      const placeOf = (place: number): number => place;
      const name = `size ${size} → ${change.size}`;
      return { name, targets, placeOf, least, rules: { ...rules, size: { kind: "count", count: change.size } } };
    }
  }
}

function addTarget(zone: string, plan: Plan): Changed {
  const { targets, rules } = plan;
  const taken = new Set(targets.map(({ id }) => id));
  let id = "added-target";
  while (taken.has(id)) id += "-";
  const all = [...targets, { id, zone }];
  const name = zone === "" ? "add a target" : `add a target in zone ${toDisplay(zone)}`;
  return { name, targets: all, rules, placeOf: (place) => place, least: leastMoved(id, all, plan) };
}

function removeTarget(id: string, plan: Plan): Changed {
  const gone = plan.targets.findIndex((target) => target.id === id);
  const rest = plan.targets.filter((target) => target.id !== id);
  const placeOf = (place: number): number => (place < gone ? place : place + 1);
  return { name: `remove ${id}`, targets: rest, rules: plan.rules, placeOf, least: leastMoved(id, rest, plan) };
}

/** Who holds the target that comes or goes changes a member, and nobody else needs to. No formula where the size changes too. */
function leastMoved(id: string, changed: readonly Dealable[], { rules, size, targets }: Plan): Changed["least"] {
  if (shardSize(rules.size, changed.length) !== size) return undefined;
  const larger = changed.length > targets.length ? changed : targets; // the one that has the target
  const law = lawOf(larger, rules);
  const held = law && holderShare(law, zoneAt(larger, id));
  return held === undefined ? undefined : { customers: held, members: held / size };
}

const zoneAt = (targets: readonly Dealable[], id: string): number =>
  [...countByZone(targets).keys()].indexOf(targets.find((target) => target.id === id)?.zone ?? "");
