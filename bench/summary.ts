import type { RowId } from "./rows.ts";
import type { CpuUs, Sample } from "./sample.ts";

/** A row's figures with so many connections: medians over the rounds; failures are added up, of peaks the highest counts. */
export type Figures = Omit<Sample, "round">;

/** The figures of every row and number of connections, in the order in which they were first seen. */
export function summarize(samples: readonly Sample[]): readonly Figures[] {
  const groups = Map.groupBy(samples, ({ row, connections }) => `${row} ${connections}`);
  return [...groups.values()].flatMap((group) => fold(group));
}

/** The figures of a row with so many connections; undefined when it was not measured. */
export const figuresOf = (figures: readonly Figures[], row: RowId, connections: number): Figures | undefined =>
  figures.find((one) => one.row === row && one.connections === connections);

function fold(samples: readonly Sample[]): readonly Figures[] {
  const [first] = samples;
  if (first === undefined) return [];
  const middle = (of: (sample: Sample) => number): number => median(samples.map(of)) ?? 0; // there is one at least
  const maybe = (of: (sample: Sample) => number | undefined): number | undefined => median(samples.flatMap((one) => of(one) ?? []));
  const cpu = (of: keyof CpuUs): number => middle(({ cpuUs }) => cpuUs[of] ?? 0);
  return [
    {
      row: first.row,
      connections: first.connections,
      requests: sum(samples.map(({ requests }) => requests)),
      failures: sum(samples.map(({ failures }) => failures)),
      seconds: sum(samples.map(({ seconds }) => seconds)),
      perSecond: middle(({ perSecond }) => perSecond),
      meanUs: middle(({ meanUs }) => meanUs),
      p50Us: middle(({ p50Us }) => p50Us),
      p99Us: middle(({ p99Us }) => p99Us),
      p999Us: middle(({ p999Us }) => p999Us),
      cpuUs: { server: maybe(({ cpuUs }) => cpuUs.server), envoy: cpu("envoy"), load: cpu("load"), backends: cpu("backends") },
      serverBytes: maybe(({ serverBytes }) => serverBytes),
      serverPeakBytes: first.serverPeakBytes && Math.max(...samples.map(({ serverPeakBytes = 0 }) => serverPeakBytes)),
      envoyBytes: middle(({ envoyBytes }) => envoyBytes),
      othersShare: middle(({ othersShare }) => othersShare),
    },
  ];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** The middle one, or the mean of the two in the middle; undefined of none. */
export function median(numbers: readonly number[]): number | undefined {
  const sorted = numbers.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}
