import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** A process of the bench's own that is told things one after the other. */
export interface Worker<Order, Report> {
  readonly pid: number;
  /** Rejects when the process ends instead. */
  ask(order: Order): Promise<Report>;
  stop(): Promise<void>;
}

/** Starts `load/<name>.ts`. It ends with us, however we end. */
export function startWorker<Order extends object, Report>(name: string): Worker<Order, Report> {
  const child = fork(join(import.meta.dirname, "load", `${name}.ts`), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const ended = once(child, "exit");
  ended.catch(() => undefined); // not started at all: told to whoever asks
  return {
    pid: child.pid ?? 0,
    async ask(order) {
      const reported = once(child, "message");
      child.send(order);
      const said = await Promise.race([reported, ended.then(() => Promise.reject(new Error(`the ${name} process ended`)))]);
      return said[0] as Report;
    },
    async stop() {
      child.kill("SIGKILL"); // it holds nothing that could be lost
      await ended.catch(() => undefined);
    },
  };
}
