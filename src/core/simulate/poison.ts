import { poisonChances } from "../deal/overlap.ts";
import { increase } from "./census.ts";
import { sumFrom } from "./failures.ts";
import type { Plan } from "./plan.ts";
import { type Random, Urn } from "./random.ts";
import { figure, type LostRow, type PoisonRow, type Simulation } from "./result.ts";
import type { Sample } from "./sample.ts";
import type { Steps } from "./steps.ts";

const MAX_TRIALS = 200_000;
const MAX_MEMBERS = 2 ** 26;
const STEP = 1024;

/** What heavy customers that take down all their targets do to another, drawn at random, as they are. */
export function* countPoisoned(plan: Plan, sample: Sample, random: Random): Steps<Simulation["poison"]> {
  const asked = plan.heavy.filter((heavy) => heavy < sample.count);
  const most = Math.max(0, ...asked);
  if (most === 0) return { trials: 0, rows: [] };
  const trials = Math.min(MAX_TRIALS, Math.ceil(MAX_MEMBERS / (most * plan.size)));
  const counts = asked.map((heavy) => ({ heavy, lost: new Float64Array(plan.size + 1) }));
  const urn = new Urn(sample.count, random);
  const downSince = new Uint32Array(plan.targets.length); // the trial that took a target down
  for (let trial = 1; trial <= trials; trial++) {
    if (trial % STEP === 1) yield { doing: "poisoning customers", share: trial / trials };
    const drawn = urn.draw(most + 1); // the first is the quiet one
    let poisoned = 0;
    for (const { heavy, lost } of counts) {
      while (poisoned < heavy) takeDown(sample, drawn[++poisoned] ?? 0, { downSince, trial });
      increase(lost, countDown(sample, drawn[0] ?? 0, { downSince, trial }), 1);
    }
  }
  const ideal = plan.law && poisonChances(plan.law, most);
  return { trials, rows: counts.map(({ heavy, lost }) => rowOf(heavy, { lost, ideal: ideal?.[heavy - 1], trials })) };
}

interface Down {
  readonly downSince: Uint32Array;
  readonly trial: number;
}

function takeDown(sample: Sample, at: number, { downSince, trial }: Down): void {
  for (let member = 0; member < sample.size; member++) downSince[sample.placeOf(at, member)] = trial;
}

function countDown(sample: Sample, at: number, { downSince, trial }: Down): number {
  let down = 0;
  for (let member = 0; member < sample.size; member++) if (downSince[sample.placeOf(at, member)] === trial) down += 1;
  return down;
}

interface Counted {
  readonly lost: Float64Array; // trials by how many members were lost
  readonly ideal: Float64Array | undefined;
  readonly trials: number;
}

function rowOf(heavy: number, { lost, ideal, trials }: Counted): PoisonRow {
  return {
    heavy,
    hurt: figure(sumFrom(lost, 1), trials, ideal && sumFrom(ideal, 1)),
    dark: figure(lost.at(-1) ?? 0, trials, ideal?.at(-1)),
    lost: Array.from(lost, (hits, members): LostRow => ({ members, ...figure(hits, trials, ideal?.[members]) })),
  };
}
