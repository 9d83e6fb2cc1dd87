import { ROWS, type RowId } from "./rows.ts";
import type { Sample } from "./sample.ts";
import { type Figures, figuresOf, summarize } from "./summary.ts";

/** Something that is said about riffle's speed, and what this run saw of it. */
export interface Claim {
  readonly text: string; // what is compared
  readonly ours: number; // µs
  readonly theirs: number; // µs
  readonly ratio: number; // ours to theirs, of the medians
  readonly rounds: { readonly lowest: number; readonly highest: number }; // the same ratio in each round by itself
  readonly wanted: number; // at most
  readonly met: boolean;
}

/** The claims that the rows of this run can decide. */
export function judge(samples: readonly Sample[]): readonly Claim[] {
  return STATEMENTS.flatMap((statement) => judgeOne(statement, samples) ?? []);
}

/** One figure of ours against the same of another row; `of` is undefined where it was not measured. */
interface Statement {
  readonly text: string;
  readonly theirs: RowId;
  readonly wanted: number;
  readonly of: (figures: readonly Figures[], row: RowId) => number | undefined;
}

const serverCpu =
  (connections: number): Statement["of"] =>
  (figures, row) =>
    figuresOf(figures, row, connections)?.cpuUs.server;

/** What asking costs the client: the mean latency above that of an Envoy that asks nobody. */
const addedLatency: Statement["of"] = (figures, row) => {
  const [alone, asking] = [figuresOf(figures, "none", 1), figuresOf(figures, row, 1)];
  return alone && asking && asking.meanUs - alone.meanUs;
};

const STATEMENTS: readonly Statement[] = [
  { text: "server CPU per request, 32 connections", theirs: "go", wanted: 1 / 3, of: serverCpu(32) },
  { text: "server CPU per request, 1 connection", theirs: "go", wanted: 1 / 3, of: serverCpu(1) },
  { text: "server CPU per request, 32 connections", theirs: "grpc-js", wanted: 1 / 6, of: serverCpu(32) },
  { text: "server CPU per request, 1 connection", theirs: "grpc-js", wanted: 1 / 6, of: serverCpu(1) },
  { text: "added mean latency, 1 connection", theirs: "go", wanted: 1, of: addedLatency },
];

function judgeOne({ text, theirs, wanted, of }: Statement, samples: readonly Sample[]): Claim | undefined {
  const compare = (some: readonly Sample[]) => {
    const figures = summarize(some);
    const [own, other] = [of(figures, "own"), of(figures, theirs)];
    return own === undefined || other === undefined ? undefined : { ours: own, theirs: other, ratio: own / other };
  };
  const all = compare(samples);
  if (all === undefined) return undefined;
  const each = [...Map.groupBy(samples, ({ round }) => round).values()].flatMap((round) => compare(round)?.ratio ?? []);
  return {
    text: `${text}: ${titleOf("own")} against ${titleOf(theirs)}`,
    ...all,
    rounds: { lowest: Math.min(...each), highest: Math.max(...each) },
    wanted,
    met: wanted === 1 ? all.ratio < 1 : all.ratio <= wanted,
  };
}

const titleOf = (row: RowId): string => ROWS.find(({ id }) => id === row)?.title ?? row;

/** A claim in one line. */
export function claimLine({ text, ours, theirs, ratio, rounds, wanted, met }: Claim): string {
  const range = `${rounds.lowest.toFixed(2)}–${rounds.highest.toFixed(2)}`;
  const limit = wanted === 1 ? "less than 1" : `at most 1/${Math.round(1 / wanted)} (${wanted.toFixed(2)})`;
  const verdict = met ? "met" : "NOT met";
  return `${verdict.padEnd(8)}${text}: ${ours.toFixed(1)} µs to ${theirs.toFixed(1)} µs = ${ratio.toFixed(2)} (rounds ${range}); wanted ${limit}`;
}
