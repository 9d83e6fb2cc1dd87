import { once } from "node:events";
import { extname } from "node:path";
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { Environment } from "../core/parse/environment.ts";
import type { Steps } from "../core/steps.ts";
import { join, type Piece } from "./pieces.ts";
import type { RulesFile } from "./rules-file.ts";

/** What the thread is asked for. It says so when it is done. */
export interface Order {
  readonly path: string;
  readonly env: Environment;
  readonly port: MessagePort; // where it leaves the pieces of a RulesFile
}

/** How the caller drives steps, so that its other work goes on. */
export type Drive = <T>(steps: Steps<T>) => Promise<T>;

// Beside this file, with its ending: .ts in the sources, .js in the published package.
const WORKER = new URL(`./rules-worker${extname(import.meta.url)}`, import.meta.url);

/** Far more than the largest file takes; what would take more is refused, not the process ended. */
const MAX_HEAP_MIB = 1_024;

/** Starting the thread is most of a small file's reading, and to keep it takes 40 MiB: it waits for the next change of several. */
const IDLE_MS = 10_000;

/**
 * Reads rules as `readRulesAnew`, in a thread of its own, for a process that answers requests meanwhile: ten thousand routes are a
 * second's work. The thread ends when nothing is read for a while.
 */
export class RulesReader {
  readonly #drive: Drive;
  readonly #idleMs: number;
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(drive: Drive, idleMs = IDLE_MS) {
    this.#drive = drive;
    this.#idleMs = idleMs;
  }

  /** One file at a time. Never rejects. */
  async read(path: string, env: Environment): Promise<RulesFile> {
    clearTimeout(this.#idle);
    const { port1: ours, port2: port } = new MessageChannel();
    try {
      this.#worker ??= this.#start();
      const order: Order = { path, env: { ...env }, port };
      this.#worker.postMessage(order, [port]);
      await this.#answer(this.#worker);
      const next = (): Piece | undefined => receiveMessageOnPort(ours)?.message;
      const read = (await this.#drive(join(next))) as RulesFile | undefined; // what the thread has split
      return read ?? { problems: [`${path}: could not be read: the thread that reads it ended early`] };
    } catch (cause) {
      return { problems: [`${path}: could not be read: ${cause instanceof Error ? cause.message : String(cause)}`] };
    } finally {
      ours.close();
      this.#idle = setTimeout(() => this.close(), this.#idleMs).unref();
    }
  }

  /** Ends the thread; the next file gets another. */
  close(): void {
    clearTimeout(this.#idle);
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  #start(): Worker {
    const worker = new Worker(WORKER, { resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB } });
    worker.unref(); // a process that stops does not wait for it
    worker.on("error", () => undefined); // whoever waits for an answer hears of it
    worker.once("exit", () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    return worker;
  }

  /** Resolves when the thread is done, or has ended; rejects when it breaks. */
  async #answer(worker: Worker): Promise<void> {
    const over = new AbortController();
    await Promise.race([once(worker, "message", over), once(worker, "exit", over)]).finally(() => over.abort());
  }
}
