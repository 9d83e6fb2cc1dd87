import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Backend, startBackends } from "../../src/cli/demo/backends.ts";
import { type Child, startChild } from "../../src/cli/demo/child.ts";
import { type Envoy, runEnvoy, until } from "../../src/cli/demo/run-envoy.ts";
import { Client } from "../../src/cli/demo/traffic.ts";
import { loadRules } from "../../src/cli/rules.ts";
import { generateEnvoy } from "../../src/core/envoy/bootstrap.ts";
import type { EnvoyOptions, EnvoyVersion } from "../../src/core/envoy/options.ts";
import { RIFFLE_CLUSTER } from "../../src/core/rules.ts";
import { Snapshot } from "../../src/core/snapshot.ts";
import { envoyBinary } from "./envoy.ts";

/** How long a part may take to come up or to be noticed; a bound for a broken run, not a pace. */
export const PATIENCE_MS = 20_000;

const MAIN = join(import.meta.dirname, "..", "..", "src", "main.ts");

/** A real Envoy with riffle beside it, and real targets behind. */
export interface Stage {
  readonly backends: readonly Backend[];
  readonly riffles: readonly Child[];
  readonly envoy: Envoy;
  readonly snapshot: Snapshot; // of the same file, for what is expected
  readonly file: string; // riffle.yaml
  client(connections?: number): Client;
  /** Resolves when Envoy finds that many riffles healthy. */
  healthy(count: number): Promise<void>;
  stop(): Promise<void>;
}

export interface StageOptions {
  /** riffle.yaml for these targets; `listen` and the rest of `envoy` are added. */
  readonly rules: (backends: readonly Backend[]) => Record<string, unknown>;
  readonly targets?: readonly Pick<Backend, "id" | "zone">[]; // absent: the demo's eight
  readonly riffles?: number;
  readonly envoy?: Record<string, unknown>; // of the `envoy` key
  readonly adapt?: (config: string) => string; // the generated Envoy configuration, for another use of riffle than the recommended one
  readonly version?: { readonly binary: string; readonly config: EnvoyVersion };
}

/** Backends as the `targets` of a pool. */
export const targetsOf = (backends: readonly Backend[]): readonly unknown[] =>
  backends.map(({ id, zone, port }) => ({ id, ...(zone && { zone }), address: `127.0.0.1:${port}` }));

/** Starts a stage; resolves once Envoy serves and finds every riffle healthy. Nothing is left running when it rejects. */
export async function startStage({
  rules,
  targets,
  riffles: count = 1,
  envoy: envoyKeys,
  adapt = (config) => config,
  version,
}: StageOptions): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "riffle-stage-"));
  const backends = await startBackends(targets);
  const children: Child[] = [];
  const stop = async (): Promise<void> => {
    for (const child of children.toReversed()) await child.stop();
    await Promise.all(backends.map((backend) => backend.close()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const files = await Promise.all(Array.from({ length: count }, (_, index) => writeRules(index)));
    const riffles = files.map((file) => startChild(process.execPath, [MAIN, "serve", "--config", file]));
    children.push(...riffles);
    const file = files[0] ?? "";
    const { rules: parsed } = await loadRules(file);
    const options: EnvoyOptions = {
      admin: { kind: "tcp", host: "127.0.0.1", port: 0 },
      riffle: files.map((_, index) => ({ kind: "unix", path: join(folder, `${index}.sock`) })),
      envoyVersion: version?.config,
    };
    const envoy = await runEnvoy({ binary: await envoyBinary(version?.binary), config: adapt(generateEnvoy(parsed, options)), folder });
    children.push(envoy.child);
    const died = Promise.race(
      riffles.map((riffle) => riffle.ended.then(() => Promise.reject(new Error(`riffle ended: ${riffle.lastWords()}`)))),
    );
    died.catch(() => undefined); // later on a riffle may end because the test says so
    const healthy = async (wanted: number): Promise<void> => {
      const stat = `cluster.${RIFFLE_CLUSTER}.membership_healthy`;
      await until(async () => ((await envoy.stat(stat)) === wanted ? true : undefined), AbortSignal.timeout(PATIENCE_MS));
    };
    await Promise.race([healthy(count), died]);
    const client = (connections = 8): Client => new Client(envoy.port, connections);
    return { backends, riffles, envoy, snapshot: new Snapshot(parsed), file, client, healthy, stop };
  } catch (cause) {
    await stop();
    throw cause;
  }

  async function writeRules(index: number): Promise<string> {
    const file = join(folder, `riffle-${index}.yaml`);
    const listeners = { listen: { grpc: `unix:${index}.sock` }, envoy: { listen: "127.0.0.1:0", health_interval: "200ms", ...envoyKeys } };
    await writeFile(file, JSON.stringify({ ...listeners, ...rules(backends) })); // JSON is YAML
    return file;
  }
}
