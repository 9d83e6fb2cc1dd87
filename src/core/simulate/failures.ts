import { lossChances } from "../deal/overlap.ts";
import { increase } from "./census.ts";
import type { Plan } from "./plan.ts";
import { type Random, Urn } from "./random.ts";
import { type FailureRow, figure, type Simulation } from "./result.ts";
import type { Sample } from "./sample.ts";
import type { Steps } from "./steps.ts";

const MAX_TRIALS = 200_000;
const MAX_DRAWS = 2 ** 26;
const STEP = 1024;

/**
 * What random failures take along, for 1 … 2k failed targets and whatever was asked. A trial draws a customer and an order in
 * which targets fail: its first and its last member in that order say from how many failures on it is hurt, and dark.
 */
export function* countFailures(plan: Plan, sample: Sample, random: Random): Steps<Simulation["failures"]> {
  const n = plan.targets.length;
  const most = Math.min(n, Math.max(2 * plan.size, ...plan.failed));
  const trials = Math.min(MAX_TRIALS, Math.ceil(MAX_DRAWS / most));
  const hurtAt = new Float64Array(most + 2); // by how many failures it takes; most + 1: more than that
  const darkAt = new Float64Array(most + 2);
  const urn = new Urn(n, random);
  const failsAt = new Uint32Array(n).fill(most + 1); // by target
  for (let trial = 0; trial < trials; trial++) {
    if (trial % STEP === 0) yield { doing: "failing targets", share: trial / trials };
    const order = urn.draw(most);
    for (let at = 0; at < most; at++) failsAt[order[at] ?? 0] = at + 1;
    const { first, last } = endsOf(sample, random.below(sample.count), failsAt);
    increase(hurtAt, first, 1);
    increase(darkAt, last, 1);
    for (let at = 0; at < most; at++) failsAt[order[at] ?? 0] = most + 1;
  }
  const rows: FailureRow[] = [];
  let [hurt, dark] = [0, 0];
  for (let failed = 1; failed <= most; failed++) {
    hurt += hurtAt[failed] ?? 0;
    dark += darkAt[failed] ?? 0;
    const ideal = lossChances(n, plan.size, failed);
    rows.push({ failed, hurt: figure(hurt, trials, sumFrom(ideal, 1)), dark: figure(dark, trials, ideal[plan.size]) });
  }
  return { trials, shown: plan.failed, rows };
}

function endsOf(sample: Sample, at: number, failsAt: Uint32Array): { readonly first: number; readonly last: number } {
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  for (let member = 0; member < sample.size; member++) {
    const fails = failsAt[sample.placeOf(at, member)] ?? 0;
    first = Math.min(first, fails);
    last = Math.max(last, fails);
  }
  return { first, last };
}

/** The sum from an index on; adding small ones first would gain nothing here: all terms are positive. */
export function sumFrom(values: Float64Array, from: number): number {
  let sum = 0;
  for (let i = from; i < values.length; i++) sum += values[i] ?? 0;
  return sum;
}
