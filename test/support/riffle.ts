import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable } from "node:stream";

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

/** Starts `riffle ARG…`. */
export function startRiffle(args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const options = { cwd: ROOT, env: { ...process.env, ...env } };
  const child = spawn(process.execPath, [join(ROOT, "src", "main.ts"), ...args], { ...options, stdio: ["ignore", "pipe", "pipe"] });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  }
  const finished = once(child, "close").then(() => ({ code: child.exitCode, ...said }));
  const saysMatch = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(said.stderr);
      if (found !== null) return found;
      await Promise.race([once(child.stderr, "data"), finished.then((end) => Promise.reject(new Error(JSON.stringify(end))))]);
    }
  };
  const says = async (text: string): Promise<void> => void (await saysMatch(new RegExp(RegExp.escape(text))));
  return { child, finished, says, saysMatch };
}

/** Runs `riffle ARG…` to its end. */
export const runRiffle = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> => startRiffle(args, env).finished;
