import { type ChildProcess, spawn } from "node:child_process";

/** A process we started. It is in a group of its own: Ctrl-C reaches only us, and we stop our children in order. */
export interface Child {
  readonly process: ChildProcess;
  /** Resolves when it has ended, however that came about. */
  readonly ended: Promise<void>;
  /** The last lines it wrote to stderr, for the message when it dies; bounded. */
  lastWords(): string;
  /** Asks it to end, and ends it after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
}

const MAX_WORDS = 4096; // chars of stderr kept
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL"); // nothing of ours outlives us
});

/** Starts a program; its stdout is dropped, its stderr kept for the message when it dies. */
export function startChild(command: string, args: readonly string[]): Child {
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"], detached: true });
  running.add(child);
  let words = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    words = (words + text).slice(-MAX_WORDS);
  });
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    child.once("error", (error) => {
      words += error.message;
      resolve();
    });
  }).finally(() => running.delete(child));
  return {
    process: child,
    ended,
    lastWords: () => words.trim().split("\n").slice(-5).join("\n"),
    async stop(graceMs = 5000) {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}
