// npm run bench:core: what the parts of a decision cost by themselves, in one process.
import type { Case } from "./core/case.ts";
import { dealCacheCases } from "./core/deal-cache-cases.ts";
import { dealCases } from "./core/deal-cases.ts";
import { decideCases } from "./core/decide-cases.ts";
import { hpackCases } from "./core/hpack-cases.ts";
import { matchCases } from "./core/match-cases.ts";
import { type Timing, time } from "./core/sampling.ts";
import { tuningCases } from "./core/tuning-cases.ts";
import { type Column, textTable } from "./table.ts";

type Timed = Case & Timing;

const ns = (value: number): string => (value < 100 ? value.toFixed(1) : value.toFixed(0));

const COLUMNS: readonly Column<Timed>[] = [
  { title: "", align: "left", cell: ({ name }) => name },
  { title: "median ns", align: "right", cell: ({ medianNs }) => ns(medianNs) },
  { title: "p99 ns", align: "right", cell: ({ p99Ns }) => ns(p99Ns) },
  { title: "samples", align: "right", cell: ({ samples }) => `${samples}` },
  { title: "budget ns", align: "right", cell: ({ budgetNs }) => budgetNs?.toFixed(0) ?? "–" },
  { title: "", align: "left", cell: (one) => (one.budgetNs === undefined ? "" : isMet(one) ? "met" : "NOT met") },
];

const isMet = ({ budgetNs = Number.POSITIVE_INFINITY, p99BudgetNs = Number.POSITIVE_INFINITY, medianNs, p99Ns }: Timed): boolean =>
  medianNs < budgetNs && p99Ns < p99BudgetNs;

const cases = [...dealCases(), ...decideCases(), ...matchCases(), ...hpackCases(), ...tuningCases(), ...dealCacheCases()]; // these last: they hold a million shards
const timed = cases.map((one): Timed => {
  const timing = time(one);
  one.release?.();
  return { ...one, ...timing };
});
process.stdout.write(textTable(COLUMNS, timed));
process.stdout.write("\nA sample is the mean over a batch of a quarter of a millisecond; the p99 is that of the samples.\n");
