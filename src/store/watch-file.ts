import { type FSWatcher, watch } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { foldersOf } from "./file-folders.ts";
import { fingerprint } from "./whole-file.ts";

/** A file that is watched. */
export interface FileWatch {
  close(): void;
}

export interface WatchOptions {
  readonly settleMs?: number; // a change is told once the file has stood still for so long
  readonly mostMs?: number; // and after so long anyway
  readonly pollMs?: number; // how often to look where no event came
}

/**
 * Tells when a file may hold something else: written in place, renamed over, taken away and made anew, or reached through symlinks
 * that were swapped, as Kubernetes does with a ConfigMap. What happens beside it in its folders is not told. Resolves once nothing
 * that comes later is missed. Never rejects, and keeps no process alive.
 */
export async function watchFile(path: string, onChange: () => void, options: WatchOptions = {}): Promise<FileWatch> {
  const watching = new Watching(path, onChange, options);
  await watching.look();
  return watching;
}

/** Between two looks: events of a busy folder cost no more than fifty of them a second. */
const REST_MS = 20;

class Watching implements FileWatch {
  readonly #path: string;
  readonly #onChange: () => void;
  readonly #options: Required<WatchOptions>;
  readonly #folders = new Map<string, FSWatcher>();
  readonly #poll: NodeJS.Timeout;
  #seen: string | undefined; // what was found at the path
  #changedMs: number | undefined; // since when a change waits to be told
  #settling: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #again = false; // something happened during a look
  #closed = false;

  constructor(path: string, onChange: () => void, { settleMs = 50, mostMs = 1_000, pollMs = 2_000 }: WatchOptions) {
    this.#path = path;
    this.#onChange = onChange;
    this.#options = { settleMs, mostMs, pollMs };
    // Network file systems have no events, inotify runs out of watches, and a folder above may be renamed unseen.
    this.#poll = setInterval(() => void this.look(), pollMs).unref();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#poll);
    clearTimeout(this.#settling);
    for (const watcher of this.#folders.values()) watcher.close();
    this.#folders.clear();
  }

  /** One look at a time; resolves when the last that is due is over. */
  look(): Promise<void> {
    this.#again = true;
    this.#looking ??= this.#lookWhileDue().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookWhileDue(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false;
      // First the folders, then the file: what changes between the two is an event, and another look.
      this.#follow(await foldersOf(this.#path));
      const found = await fingerprint(this.#path);
      if (this.#closed) return;
      if (this.#seen !== undefined && found !== this.#seen) this.#settle();
      this.#seen = found;
      if (this.#again) await sleep(REST_MS); // it keeps the process alive: at the start nothing else does
    }
  }

  /** Watches these folders and no others. A path that is another folder now is watched anew. */
  #follow(folders: ReadonlyMap<string, string>): void {
    if (this.#closed) return;
    const keys = new Map([...folders].map(([folder, identity]) => [`${identity} ${folder}`, folder]));
    for (const [key, watcher] of this.#folders) {
      if (keys.has(key)) continue;
      watcher.close();
      this.#folders.delete(key);
    }
    for (const [key, folder] of keys) {
      const watcher = this.#folders.get(key) ?? openFolder(folder, () => void this.look());
      if (watcher !== undefined) this.#folders.set(key, watcher);
    }
  }

  #settle(): void {
    const { settleMs, mostMs } = this.#options;
    const now = performance.now();
    this.#changedMs ??= now;
    clearTimeout(this.#settling);
    const waitMs = Math.max(0, Math.min(settleMs, this.#changedMs + mostMs - now));
    this.#settling = setTimeout(() => {
      this.#changedMs = undefined;
      this.#onChange();
    }, waitMs).unref();
  }
}

/** Undefined where there is nothing to be had: the poll sees what it does not. */
function openFolder(folder: string, onEvent: () => void): FSWatcher | undefined {
  try {
    return watch(folder, { persistent: false }, onEvent).on("error", () => undefined); // the folder is gone, which is an event as well
  } catch {
    return undefined;
  }
}
