import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** What a process has used of the machine so far, by the kernel's own books. */
export interface Account {
  readonly threads: ReadonlyMap<number, number>; // ns of CPU by thread, exact; ended threads are gone
  readonly ticks: number; // of CPU, ended threads included
}

/** What a process holds in memory, in bytes. */
export interface Memory {
  readonly resident: number;
  readonly peak: number;
}

/** The machine as a whole, in ticks since it started, over all cores. */
export interface MachineAccount {
  readonly busy: number; // steal included: what another guest took is as lost to us
  readonly all: number;
}

/** Reads the account of a process. Of one that waits it is exact; a running thread is up to a tick behind. Throws when it is gone. */
export function readAccount(pid: number): Account {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) => [Number(thread), readThread(pid, thread)] as const);
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // the name before may hold anything
  return { threads: new Map(threads), ticks: Number(fields[UTIME]) + Number(fields[STIME]) };
}

const UTIME = 11; // proc_pid_stat(5), counted from the state
const STIME = 12;

function readThread(pid: number, thread: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1").split(" ")[0]);
  } catch {
    return 0; // ended this moment, or a kernel without these books: the ticks tell
  }
}

/**
 * CPU time between two accounts of one process, in ns: the threads' own, unless the ticks show that threads which ended in
 * between had used more than the ticks' own error.
 */
export function cpuBetween(before: Account, after: Account, nsPerTick: number): number {
  let threads = 0;
  for (const [thread, ns] of after.threads) threads += ns - (before.threads.get(thread) ?? 0);
  const ticks = after.ticks - before.ticks;
  const atLeast = (ticks - TICKS_ERROR) * nsPerTick;
  return threads < atLeast ? ticks * nsPerTick : threads;
}

const TICKS_ERROR = 2; // user and system time are each rounded down

/** Reads what a process holds in memory. Throws when it is gone. */
export function readMemory(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const bytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0) * 1024;
  return { resident: bytes("VmRSS"), peak: bytes("VmHWM") };
}

/** Reads the account of the whole machine. */
export function readMachine(): MachineAccount {
  const [line = ""] = readFileSync("/proc/stat", "latin1").split("\n");
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = line.split(/\s+/).slice(1).map(Number);
  const busy = user + nice + system + irq + softirq + steal;
  return { busy, all: busy + idle + iowait };
}

/** How long a tick of this machine's accounts is. */
export const readNsPerTick = (): number => 1e9 / Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
