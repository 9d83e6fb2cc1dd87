import { type Claim, claimLine, judge } from "./claims.ts";
import { type Machine, machineLine } from "./machine.ts";
import type { Options } from "./options.ts";
import { ROWS } from "./rows.ts";
import type { Sample } from "./sample.ts";
import { type Figures, summarize } from "./summary.ts";
import { type Column, markdownTable, textTable } from "./table.ts";

/** All that a run found out; what the JSON holds. */
export interface Report {
  readonly at: string; // ISO 8601
  readonly machine: Machine;
  readonly options: Options;
  readonly figures: readonly Figures[];
  readonly claims: readonly Claim[];
  readonly samples: readonly Sample[];
}

/** Draws the conclusions from the samples of a run. */
export const createReport = (seen: Pick<Report, "at" | "machine" | "options" | "samples">): Report => ({
  ...seen,
  figures: summarize(seen.samples),
  claims: judge(seen.samples),
});

/** The report for a terminal. */
export function textReport({ machine, options, figures, claims }: Report): string {
  const blocks = levelsOf(figures).map((level) => `${levelTitle(level)}\n${textTable(COLUMNS, atLevel(figures, level))}`);
  const judged = claims.map((claim) => `${claimLine(claim)}\n`).join("");
  return [`${machineLine(machine)}; ${effort(options)}\n`, ...blocks, ...(judged ? [judged] : []), noiseLine(figures)].join("\n");
}

/** The report for the README: the figures that matter there, and the claims. */
export function markdownReport({ machine, options, figures, claims }: Report): string {
  const blocks = levelsOf(figures).map((level) => `${levelTitle(level)}:\n\n${markdownTable(README_COLUMNS, atLevel(figures, level))}`);
  const head = `Measured by \`npm run bench\` on ${machineLine(machine)}; ${effort(options)}.\n`;
  return [head, ...blocks, claims.map((claim) => `- ${claimLine(claim)}\n`).join("")].join("\n");
}

/** How much was measured, in words. */
export const effort = ({ rounds, seconds }: Options): string =>
  rounds === 1 ? `one round of ${seconds} s` : `medians over ${rounds} rounds of ${seconds} s`;

const levelsOf = (figures: readonly Figures[]): readonly number[] => [...new Set(figures.map(({ connections }) => connections))];

const levelTitle = (connections: number): string => (connections === 1 ? "1 connection" : `${connections} connections`);

/** In the order of the rows, whichever was measured first. */
const atLevel = (figures: readonly Figures[], level: number): readonly Figures[] =>
  ROWS.flatMap(({ id }) => figures.filter(({ row, connections }) => row === id && connections === level));

const number = (title: string, of: (figures: Figures) => number | undefined, digits = 0): Column<Figures> => ({
  title,
  align: "right",
  cell: (figures) => of(figures)?.toFixed(digits) ?? "–",
});

const mib = (bytes: number | undefined): number | undefined => bytes && bytes / 2 ** 20;

const NAME: Column<Figures> = { title: "", align: "left", cell: ({ row }) => ROWS.find(({ id }) => id === row)?.title ?? row };

const README_COLUMNS: readonly Column<Figures>[] = [
  NAME,
  number("requests/s", ({ perSecond }) => perSecond),
  number("mean µs", ({ meanUs }) => meanUs),
  number("p50 µs", ({ p50Us }) => p50Us),
  number("p99 µs", ({ p99Us }) => p99Us),
  number("p99.9 µs", ({ p999Us }) => p999Us),
  number("server CPU µs", ({ cpuUs }) => cpuUs.server, 1),
  number("Envoy CPU µs", ({ cpuUs }) => cpuUs.envoy, 1),
  number("server MiB", ({ serverBytes }) => mib(serverBytes)),
  number("failed", ({ failures }) => failures),
];

const COLUMNS: readonly Column<Figures>[] = [
  ...README_COLUMNS.slice(0, -2),
  number("load CPU µs", ({ cpuUs }) => cpuUs.load, 1),
  number("backends CPU µs", ({ cpuUs }) => cpuUs.backends, 1),
  number("server MiB", ({ serverBytes }) => mib(serverBytes)),
  number("peak", ({ serverPeakBytes }) => mib(serverPeakBytes)),
  number("Envoy MiB", ({ envoyBytes }) => mib(envoyBytes)),
  number("requests", ({ requests }) => requests),
  number("failed", ({ failures }) => failures),
];

const QUIET = 0.03; // of the machine: what its own housekeeping takes

/** Whether the machine was left to the bench. */
function noiseLine(figures: readonly Figures[]): string {
  const share = Math.max(0, ...figures.map(({ othersShare }) => othersShare));
  const verdict =
    share > QUIET ? "so latencies and requests/s are worse than they need be, and CPU somewhat: measure on a quiet machine" : "quiet";
  return `Others on this machine took up to ${(share * 100).toFixed(0)} % of it: ${verdict}.\n`;
}
