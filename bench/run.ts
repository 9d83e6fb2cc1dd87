// npm run bench: what a decision beside Envoy costs, for riffle and for others, in one run. README.md says how it is measured.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Child } from "../src/cli/demo/child.ts";
import { EnvoyMissing, findEnvoy } from "../src/store/envoy-binary.ts";
import { readNsPerTick } from "./accounts.ts";
import { drawChart } from "./chart.ts";
import type { BackendOrder, BackendReport, LoadOrder, LoadReport } from "./load/messages.ts";
import { describeMachine } from "./machine.ts";
import { type Bench, measure, warmUp } from "./measure.ts";
import { type Options, parseOptions, USAGE, UsageError } from "./options.ts";
import { proveStage } from "./prove.ts";
import { createReport, markdownReport, type Report, textReport } from "./report.ts";
import { ROWS, type Row, TARGETS } from "./rows.ts";
import type { Sample } from "./sample.ts";
import { buildGoPeer, riffleYaml } from "./servers.ts";
import { type Stage, startStage } from "./stage.ts";
import { startWorker } from "./worker.ts";

const CACHE = join(import.meta.dirname, "..", ".cache");
const LEVELS = [1, 32]; // connections
const FULL = 32;

const say = (line: string): void => void process.stderr.write(`bench: ${line}\n`);
const stops: (() => Promise<void>)[] = []; // of every process that was started
const GRACE_MS = 500; // nothing is lost with them: riffle need not drain

try {
  process.exit(await main()); // what was about to start when it was interrupted ends here
} catch (cause) {
  const isExpected = cause instanceof UsageError || cause instanceof EnvoyMissing;
  say(cause instanceof Error ? (isExpected ? cause.message : (cause.stack ?? cause.message)) : String(cause));
  process.exit(1);
}

/** Resolves with the exit code; every process has ended then. */
async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(USAGE);
    return 0;
  }
  const interrupted = new Promise<"interrupted">((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve("interrupted"));
  });
  const folder = await mkdtemp(join(tmpdir(), "riffle-bench-"));
  try {
    const report = await Promise.race([compare(options, folder), interrupted]);
    if (report === "interrupted") {
      say("stopping");
      return 130;
    }
    await keep(report, options.out ?? join(CACHE, "bench"));
    process.stdout.write(options.markdown ? markdownReport(report) : textReport(report));
    return 0;
  } finally {
    await Promise.all(stops.map((stop) => stop()));
    await rm(folder, { recursive: true, force: true });
  }
}

/** Starts all rows, shows that they do their job, warms them up, and lets them take turns. */
async function compare(options: Options, folder: string): Promise<Report> {
  const envoyBinary = await findEnvoy({ env: process.env, cacheDir: CACHE, say });
  const { rows, goBinary } = await choose(options);
  const backends = startWorker<BackendOrder, BackendReport>("backend");
  stops.push(() => backends.stop());
  const load = startWorker<LoadOrder, LoadReport>("generator");
  stops.push(() => load.stop());
  const { ports } = await backends.ask({ targets: TARGETS });
  const rulesFile = join(folder, "riffle.yaml");
  await writeFile(rulesFile, riffleYaml(ports, {}));

  const onStart = (child: Child): void => void stops.push(() => child.stop(GRACE_MS));
  say("starting everything");
  const stages = await Promise.all(rows.map((row) => startStage(row, { folder, ports, goBinary, envoyBinary, rulesFile, onStart })));
  for (const stage of stages) await proveStage(stage);

  const bench: Bench = { load, backendsPid: backends.pid, nsPerTick: readNsPerTick() };
  say(`warming up: ${rows.map(({ title }) => title).join(", ")}`);
  for (const stage of stages) await warmUp(bench, { stage, connections: FULL }, options.warmUp);
  const samples = await takeTurns(bench, stages, options);
  const machine = describeMachine(envoyBinary, goBinary !== undefined);
  return createReport({ at: new Date().toISOString(), machine, options, samples });
}

/** The rows asked for, without the one that needs Go where there is none. */
async function choose({ rows: ids }: Options): Promise<{ readonly rows: readonly Row[]; readonly goBinary: string | undefined }> {
  const rows: readonly Row[] = ROWS.filter(({ id }) => ids.includes(id));
  if (!ids.includes("go")) return { rows, goBinary: undefined };
  const built = await buildGoPeer(join(CACHE, "bench"));
  if ("binary" in built) return { rows, goBinary: built.binary };
  say(`left out: grpc-go: ${built.missing}`);
  return { rows: rows.filter(({ id }) => id !== "go"), goBinary: undefined };
}

/** All rows in every round, each round beginning with another one: what disturbs the machine for a while hits all alike. */
async function takeTurns(bench: Bench, stages: readonly Stage[], { rounds, seconds }: Options): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  for (let round = 0; round < rounds; round++) {
    say(`round ${round + 1} of ${rounds}`);
    const first = round % Math.max(1, stages.length);
    for (const stage of [...stages.slice(first), ...stages.slice(0, first)]) {
      for (const connections of LEVELS) samples.push(await measure(bench, { stage, round, connections, seconds }));
    }
  }
  return samples;
}

async function keep(report: Report, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "latest.json"), `${JSON.stringify(report, undefined, 1)}\n`);
  await writeFile(join(folder, "latest.svg"), drawChart(report));
  say(`wrote ${join(folder, "latest.json")} and latest.svg`);
}
