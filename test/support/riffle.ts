import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { onTestFinished } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");

/** What a finished command printed, and how it ended. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A riffle command as a process of its own, in the project's folder. */
export interface Running {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly finished: Promise<Finished>;
  /** Resolves once this has stood on stderr; rejects when the process ends without. */
  says(text: string): Promise<void>;
  /** The same for a pattern; resolves with its match. */
  saysMatch(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Starts `riffle ARG…`; it does not outlive the test. */
export function startRiffle(args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const options = { cwd: ROOT, env: { ...process.env, ...env } };
  const child = spawn(process.execPath, [join(ROOT, "src", "main.ts"), ...args], { ...options, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL")); // a test that failed has not stopped it
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  }
  const finished = once(child, "close").then(() => ({ code: child.exitCode, ...said }));
  const hear = async <T>(find: (stderr: string) => T | null): Promise<T> => {
    for (;;) {
      const found = find(said.stderr);
      if (found !== null) return found;
      await Promise.race([once(child.stderr, "data"), finished.then((end) => Promise.reject(new Error(JSON.stringify(end))))]);
    }
  };
  const says = (text: string): Promise<void> => hear((stderr) => (stderr.includes(text) ? undefined : null));
  return { child, finished, says, saysMatch: (pattern) => hear((stderr) => pattern.exec(stderr)) };
}

/** Runs `riffle ARG…` to its end. */
export const runRiffle = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> => startRiffle(args, env).finished;
