import { once } from "node:events";
import { extname } from "node:path";
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { Environment } from "../core/parse/environment.ts";
import type { Steps } from "../core/steps.ts";
import { join, type Piece } from "./pieces.ts";
import type { RulesFile } from "./rules-file.ts";

/** What the thread is asked for. */
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

/**
 * As `readRulesAnew`, in a thread of its own, for a process that answers requests meanwhile: ten thousand routes are a second's work. The
 * thread ends with it: kept, it would take 40 MiB. Never rejects.
 */
export async function readRulesAside(path: string, env: Environment, drive: Drive): Promise<RulesFile> {
  const { port1: ours, port2: port } = new MessageChannel();
  const order: Order = { path, env: { ...env }, port };
  try {
    const worker = new Worker(WORKER, {
      workerData: order,
      transferList: [port],
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
    });
    worker.unref(); // a process that stops does not wait for it
    await once(worker, "exit"); // rejects when the thread breaks
    const next = (): Piece | undefined => receiveMessageOnPort(ours)?.message;
    const read = (await drive(join(next))) as RulesFile | undefined; // what the thread has split
    return read ?? { problems: [`${path}: could not be read: the thread that reads it ended early`] };
  } catch (cause) {
    return { problems: [`${path}: could not be read: ${cause instanceof Error ? cause.message : String(cause)}`] };
  } finally {
    ours.close();
  }
}
