import { stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** Differs whenever the content does: not even a write of the same length within a tick of the clock keeps the change time in ns. */
export async function fingerprint(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
  } catch {
    return "none";
  }
}

/** How long a file that is written in its own place may take between two writes. */
const STILL_MS = 50;

/** So often a file that is written to all the time is read: then what was read last counts. */
const MOST_READS = 5;

/**
 * What `read` makes of a file that stood still meanwhile: one that is written in its own place is empty first and then half there,
 * and either may look like a whole one. Rejects as `read` does.
 */
export async function readWhole<T>(path: string, read: () => Promise<T>): Promise<T> {
  let seen = await fingerprint(path);
  for (let reads = 1; ; reads++) {
    seen = await untilStill(path, seen);
    const content = await read();
    const now = await fingerprint(path);
    if (now === seen || reads === MOST_READS) return content;
    seen = now;
  }
}

/** Resolves with the fingerprint of a file that has stood still for a while, or of one that has not for a second. */
async function untilStill(path: string, before: string): Promise<string> {
  let seen = before;
  for (let looks = 0; looks < 20; looks++) {
    await sleep(STILL_MS);
    const now = await fingerprint(path);
    if (now === seen) break;
    seen = now;
  }
  return seen;
}
