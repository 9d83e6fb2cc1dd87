import { type ChildProcess, execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runEnvoy } from "../../src/cli/demo/run-envoy.ts";
import { ENVOY_VERSIONS, type EnvoyVersion } from "../../src/core/envoy/options.ts";
import { findEnvoy } from "../../src/store/envoy-binary.ts";

/** The project's own cache, ignored by git. */
export const CACHE_DIR = join(import.meta.dirname, "..", "..", ".cache");

/** The path of a real Envoy: the one of the whole project, or an exact version. */
export const envoyBinary = (version?: string): Promise<string> =>
  findEnvoy({ env: process.env, cacheDir: CACHE_DIR, ...(version === undefined ? {} : { version }) });

/** The Envoy of the end-to-end tests: RIFFLE_TEST_ENVOY=1.36.2 asks for another than the project's. */
export function testEnvoy(): { readonly binary: string | undefined; readonly version: EnvoyVersion | undefined } {
  const binary = process.env.RIFFLE_TEST_ENVOY;
  const version = ENVOY_VERSIONS.find((known) => binary?.startsWith(`${known}.`));
  if (binary !== undefined && version === undefined)
    throw new Error(`RIFFLE_TEST_ENVOY=${binary}: not a version like 1.36.2 that is known here`);
  return { binary, version };
}

/** What a real Envoy finds wrong with a configuration; undefined when it accepts it. */
export async function refusal(config: string, version?: string): Promise<string | undefined> {
  const binary = await envoyBinary(version);
  const folder = await makeFolder();
  const file = join(folder, "envoy.yaml");
  await writeFile(file, config);
  const args = ["--mode", "validate", "--config-path", file, "--log-level", "error"];
  const said = new Promise<string | undefined>((resolve) =>
    execFile(binary, args, (error, stdout, stderr) => resolve(error ? `${stdout}${stderr}${error}` : undefined)),
  );
  return said.finally(() => rm(folder, { recursive: true, force: true }));
}

/** A real Envoy that serves. */
export interface RunningEnvoy {
  readonly port: number; // of the first listener
  readonly adminPort: number;
  readonly process: ChildProcess;
  /** Its counters and gauges whose names begin like this. */
  stats(prefix: string): Promise<ReadonlyMap<string, number>>;
  /** SIGTERM, and SIGKILL for one that does not obey. Resolves when it has ended. */
  stop(): Promise<void>;
  /** SIGKILL. Resolves when it has ended. */
  kill(): Promise<void>;
}

/**
 * Starts a real Envoy and waits until it serves; ports in the configuration are 0, its admin page is on loopback. Rejects
 * with what Envoy said last when it does not come up; nothing is left running then.
 */
export async function startEnvoy({ config, version }: { readonly config: string; readonly version?: string }): Promise<RunningEnvoy> {
  const binary = await envoyBinary(version);
  const folder = await makeFolder();
  const clean = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const { child, port, adminPort } = await runEnvoy({ binary, config, folder }).catch((cause: unknown) =>
    clean().then(() => Promise.reject(cause)),
  );
  const end = async (graceMs?: number): Promise<void> => {
    await child.stop(graceMs);
    await clean();
  };
  return {
    port,
    adminPort,
    process: child.process,
    stats: (prefix) => readStats(adminPort, prefix),
    stop: () => end(),
    kill: () => {
      child.process.kill("SIGKILL");
      return end();
    },
  };
}

async function readStats(adminPort: number, prefix: string): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${adminPort}/stats`)).text();
  const pairs = [...text.matchAll(/^(.+): (\d+)$/gm)].map(([, name = "", value]) => [name, Number(value)] as const);
  return new Map(pairs.filter(([name]) => name.startsWith(prefix)));
}

const makeFolder = (): Promise<string> => mkdtemp(join(tmpdir(), "riffle-envoy-"));
