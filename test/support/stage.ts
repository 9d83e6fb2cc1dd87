import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Backend, startBackends } from "../../src/cli/demo/backends.ts";
import { type Child, startChild } from "../../src/cli/demo/child.ts";
import { type Envoy, runEnvoy, until } from "../../src/cli/demo/run-envoy.ts";
import { Client } from "../../src/cli/demo/traffic.ts";
import { loadRules } from "../../src/cli/rules.ts";
import { generateEnvoy } from "../../src/core/envoy/bootstrap.ts";
import type { EnvoyOptions } from "../../src/core/envoy/options.ts";
import { parsePeer } from "../../src/core/parse/address.ts";
import { type Address, RIFFLE_CLUSTER, type Transport } from "../../src/core/rules.ts";
import { Snapshot } from "../../src/core/snapshot.ts";
import { envoyBinary, testEnvoy } from "./envoy.ts";

/** How long a part may take to come up or to be noticed; a bound for a broken run, not a pace. */
export const PATIENCE_MS = 20_000;

/** Of each Envoy that is started; each worker has connections of its own. */
export const ENVOY_WORKERS = 2;

const MAIN = join(import.meta.dirname, "..", "..", "src", "main.ts");

/** A real Envoy with riffle beside it, and real targets behind. */
export interface Stage {
  readonly backends: readonly Backend[];
  readonly riffles: readonly Child[];
  readonly envoy: Envoy;
  readonly snapshot: Snapshot; // of the same file, for what is expected
  readonly file: string; // riffle.yaml of the first riffle
  readonly adminSocket: string; // of the first riffle
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
  readonly program?: string; // started as `node PROGRAM serve --config FILE`; absent: riffle
  readonly transport?: Transport;
  readonly listen?: Record<string, unknown>; // more of the `listen` key
  readonly tls?: StageTls; // absent: unix sockets
  readonly healthy?: number; // how many riffles Envoy will find healthy; absent: all
}

/** Files for a riffle on loopback with TLS: what its listener says, and what Envoy does. */
export interface StageTls {
  readonly listener: { readonly cert: string; readonly key: string; readonly client_ca?: string };
  readonly envoy: { readonly ca: string; readonly cert?: string; readonly key?: string };
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
  program = MAIN,
  transport = "own",
  listen,
  tls,
  healthy: expected = count,
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
    const riffles = files.map((file) => startChild(process.execPath, [program, "serve", "--config", file]));
    children.push(...riffles);
    const died = Promise.race(
      riffles.map((riffle) => riffle.ended.then(() => Promise.reject(new Error(`riffle ended: ${riffle.lastWords()}`)))),
    );
    died.catch(() => undefined); // later on a riffle may end because the test says so
    const file = files[0] ?? "";
    const { rules: parsed } = await loadRules(file);
    const { binary, version: envoyVersion } = testEnvoy();
    const options: EnvoyOptions = {
      admin: { kind: "tcp", host: "127.0.0.1", port: 0 },
      riffle: await Promise.race([Promise.all(riffles.map(addressOf)), died]),
      envoyVersion,
    };
    const envoy = await runEnvoy({ binary: await envoyBinary(binary), config: adapt(generateEnvoy(parsed, options)), folder });
    children.push(envoy.child);
    if (binary !== undefined) await expectVersion(envoy, binary);
    const healthy = async (wanted: number): Promise<void> => {
      const stat = `cluster.${RIFFLE_CLUSTER}.membership_healthy`;
      await until(async () => ((await envoy.stat(stat)) === wanted ? true : undefined), AbortSignal.timeout(PATIENCE_MS));
    };
    await Promise.race([healthy(expected), died]);
    const client = (connections = 8): Client => new Client(envoy.port, connections);
    return {
      backends,
      riffles,
      envoy,
      snapshot: new Snapshot(parsed),
      file,
      adminSocket: join(folder, adminSocket(0)),
      client,
      healthy,
      stop,
    };
  } catch (cause) {
    await stop();
    throw cause;
  }

  function adminSocket(index: number): string {
    return `${index}-admin.sock`;
  }

  async function writeRules(index: number): Promise<string> {
    const file = join(folder, `riffle-${index}.yaml`);
    const grpc = tls === undefined ? `unix:${index}.sock` : { address: "127.0.0.1:0", tls: tls.listener };
    // A reply that is lost is lost after 5 s as well; a busy machine that stands still for half a second is not what is tested.
    const timing = { health_interval: "200ms", message_timeout: "5s" };
    const envoy = { listen: "127.0.0.1:0", ...timing, ...(tls && { tls: tls.envoy }), ...envoyKeys };
    await writeFile(
      file,
      JSON.stringify({ listen: { grpc, transport, admin: `unix:${adminSocket(index)}`, ...listen }, envoy, ...rules(backends) }),
    ); // JSON is YAML
    return file;
  }

  /** Where a riffle listens; on TCP by its own word. */
  async function addressOf(riffle: Child, index: number): Promise<Address> {
    if (tls === undefined) return { kind: "unix", path: join(folder, `${index}.sock`) };
    const said = async (): Promise<string | undefined> => /"grpc":\["([^"]+)"\]/.exec(riffle.lastWords())?.[1];
    const parsed = parsePeer(await until(said, AbortSignal.timeout(PATIENCE_MS)));
    if ("why" in parsed) throw new Error(parsed.why);
    return parsed.value;
  }
}

/** The other Envoy that was asked for is the one that serves. */
async function expectVersion({ adminPort }: Envoy, wanted: string): Promise<void> {
  const { version } = (await (await fetch(`http://127.0.0.1:${adminPort}/server_info`)).json()) as { readonly version: string };
  if (!version.includes(`/${wanted}/`)) throw new Error(`an Envoy ${wanted} was asked for, and ${version} serves`);
}
