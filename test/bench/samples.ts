import type { RowId } from "../../bench/rows.ts";
import type { Sample } from "../../bench/sample.ts";

/** A sample of a row; what a test does not name is the same in all. */
export const sample = (row: RowId, more: Partial<Sample> & { readonly serverUs?: number } = {}): Sample => {
  const { serverUs, ...rest } = more;
  return {
    row,
    round: 0,
    connections: 32,
    requests: 1000,
    failures: 0,
    seconds: 1,
    meanUs: 100,
    p50Us: 90,
    p99Us: 200,
    p999Us: 300,
    perSecond: 1000,
    cpuUs: { server: serverUs, envoy: 50, load: 10, backends: 10 },
    serverBytes: serverUs === undefined ? undefined : 2 ** 20,
    serverPeakBytes: serverUs === undefined ? undefined : 2 ** 21,
    envoyBytes: 2 ** 20,
    othersShare: 0,
    ...rest,
  };
};
