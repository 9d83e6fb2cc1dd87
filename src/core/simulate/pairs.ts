import { overlapChances } from "../deal/overlap.ts";
import { increase } from "./census.ts";
import type { Plan } from "./plan.ts";
import type { Random } from "./random.ts";
import { figure, type OverlapRow, type Simulation } from "./result.ts";
import type { Sample } from "./sample.ts";
import type { Steps } from "./steps.ts";

const MAX_PAIRS = 2_000_000;
const STEP = 65_536;

/** How many targets two customers share: every pair when there are few customers, random pairs when there are many. */
export function* countOverlap(plan: Plan, sample: Sample, random: Random): Steps<Simulation["overlap"]> {
  const every = (sample.count * (sample.count - 1)) / 2;
  const pairs = Math.min(every, MAX_PAIRS);
  const counts = new Float64Array(plan.size + 1);
  const marks = new Uint32Array(plan.targets.length); // the pair that marked a target as its first customer's
  let pair = 0;
  for (const two of every <= MAX_PAIRS ? allPairs(sample.count) : randomPairs(sample.count, pairs, random)) {
    if (pair % STEP === 0) yield { doing: "comparing customers", share: pair / pairs };
    pair += 1;
    increase(counts, countShared(sample, two, { marks, mark: pair }), 1);
  }
  const ideal = plan.law && overlapChances(plan.law);
  return { pairs, rows: Array.from(counts, (hits, shared): OverlapRow => ({ shared, ...figure(hits, pairs, ideal?.[shared]) })) };
}

function* allPairs(count: number): Generator<Pair> {
  for (let one = 0; one < count; one++) for (let other = one + 1; other < count; other++) yield { one, other };
}

function* randomPairs(count: number, pairs: number, random: Random): Generator<Pair> {
  for (let i = 0; i < pairs; i++) {
    const one = random.below(count);
    yield { one, other: (one + 1 + random.below(count - 1)) % count };
  }
}

interface Pair {
  readonly one: number;
  readonly other: number;
}

function countShared(
  sample: Sample,
  { one, other }: Pair,
  { marks, mark }: { readonly marks: Uint32Array; readonly mark: number },
): number {
  for (let member = 0; member < sample.size; member++) marks[sample.placeOf(one, member)] = mark;
  let shared = 0;
  for (let member = 0; member < sample.size; member++) if (marks[sample.placeOf(other, member)] === mark) shared += 1;
  return shared;
}
