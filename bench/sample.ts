import type { LoadResult } from "./load/messages.ts";
import type { RowId } from "./rows.ts";

/** CPU per request, in µs, of everybody who takes part. */
export interface CpuUs {
  readonly server: number | undefined; // undefined: Envoy asks nobody
  readonly envoy: number;
  readonly load: number;
  readonly backends: number;
}

/** What one row was seen to do in one round with so many connections. */
export interface Sample extends LoadResult {
  readonly row: RowId;
  readonly round: number;
  readonly connections: number;
  readonly perSecond: number;
  readonly cpuUs: CpuUs;
  readonly serverBytes: number | undefined; // resident, at the end
  readonly serverPeakBytes: number | undefined; // resident, at most, since it started
  readonly envoyBytes: number;
  readonly othersShare: number; // 0…1: of the machine, taken by none of the above
}
