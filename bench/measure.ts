import { type Account, cpuBetween, type MachineAccount, readAccount, readMachine, readMemory } from "./accounts.ts";
import type { LoadOrder, LoadReport, LoadResult } from "./load/messages.ts";
import type { CpuUs, Sample } from "./sample.ts";
import type { Stage } from "./stage.ts";
import type { Worker } from "./worker.ts";

/** What every measurement uses. */
export interface Bench {
  readonly load: Worker<LoadOrder, LoadReport>;
  readonly backendsPid: number;
  readonly nsPerTick: number;
}

/** One measurement. */
export interface Task {
  readonly stage: Stage;
  readonly round: number;
  readonly connections: number;
  readonly seconds: number;
}

/** Before each measurement: connections are opened, caches are this row's. */
const SETTLE_SECONDS = 0.4;

/** How long a row is warmed up. */
export interface WarmUp {
  readonly leastSeconds: number;
  readonly mostSeconds: number; // if fewer requests than these have come by then
  readonly requests: number; // what an optimizing compiler has to see before it is done
}

/** Sends load for so long and so often; nothing is measured. Rejects when a part of the row ends. */
export async function warmUp({ load }: Bench, { stage, connections }: Pick<Task, "stage" | "connections">, extent: WarmUp): Promise<void> {
  await load.ask({ kind: "open", port: stage.port, connections });
  let seconds = 0;
  let requests = 0;
  while (seconds < extent.leastSeconds || (seconds < extent.mostSeconds && requests < extent.requests)) {
    const { result } = await Promise.race([load.ask({ kind: "run", seconds: 1 }), stage.broken]);
    seconds += result?.seconds ?? 1;
    requests += result?.requests ?? 0;
  }
  await load.ask({ kind: "close" });
}

/**
 * Measures one row once. The accounts are read while no request is under way, before and after, so all the CPU they show is
 * of the requests counted. Rejects when a part of the row ends.
 */
export async function measure(bench: Bench, task: Task): Promise<Sample> {
  const { load } = bench;
  const { stage, connections, seconds } = task;
  await load.ask({ kind: "open", port: stage.port, connections });
  await Promise.race([load.ask({ kind: "run", seconds: SETTLE_SECONDS }), stage.broken]);
  const before = readBooks(bench, stage);
  const { result } = await Promise.race([load.ask({ kind: "run", seconds }), stage.broken]);
  const after = readBooks(bench, stage);
  await load.ask({ kind: "close" });
  if (result === undefined) throw new Error("the load generator reported no result");
  return {
    ...summarize(task, result),
    ...settle(before, after, { requests: result.requests, nsPerTick: bench.nsPerTick }),
    ...readMemories(stage),
  };
}

interface Books {
  readonly machine: MachineAccount;
  readonly server: Account | undefined;
  readonly envoy: Account;
  readonly load: Account;
  readonly backends: Account;
}

const readBooks = ({ load, backendsPid }: Bench, { serverPid, envoyPid }: Stage): Books => ({
  machine: readMachine(),
  server: serverPid === undefined ? undefined : readAccount(serverPid),
  envoy: readAccount(envoyPid),
  load: readAccount(load.pid),
  backends: readAccount(backendsPid),
});

const summarize = ({ stage, round, connections }: Task, result: LoadResult) => ({
  row: stage.row.id,
  round,
  connections,
  ...result,
  perSecond: result.requests / result.seconds,
});

function settle(before: Books, after: Books, { requests, nsPerTick }: { readonly requests: number; readonly nsPerTick: number }) {
  const perRequest = (from: Account, to: Account): number => cpuBetween(from, to, nsPerTick) / 1000 / requests;
  const cpuUs: CpuUs = {
    server: before.server && after.server && perRequest(before.server, after.server),
    envoy: perRequest(before.envoy, after.envoy),
    load: perRequest(before.load, after.load),
    backends: perRequest(before.backends, after.backends),
  };
  const oursUs = ((cpuUs.server ?? 0) + cpuUs.envoy + cpuUs.load + cpuUs.backends) * requests;
  const busyUs = ((after.machine.busy - before.machine.busy) * nsPerTick) / 1000;
  const allUs = ((after.machine.all - before.machine.all) * nsPerTick) / 1000;
  return { cpuUs, othersShare: Math.max(0, (busyUs - oursUs) / allUs) };
}

function readMemories({ serverPid, envoyPid }: Stage) {
  const server = serverPid === undefined ? undefined : readMemory(serverPid);
  return { serverBytes: server?.resident, serverPeakBytes: server?.peak, envoyBytes: readMemory(envoyPid).resident };
}
