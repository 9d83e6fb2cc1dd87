import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, release } from "node:os";

/** Where and with what it was measured. */
export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly kernel: string;
  readonly node: string;
  readonly envoy: string;
  readonly go: string | undefined; // undefined: not used
}

/** Describes this machine and the programs that are compared. Throws when the Envoy cannot be run. */
export function describeMachine(envoyBinary: string, hasGo: boolean): Machine {
  const version = (command: string, args: readonly string[]): string => execFileSync(command, args, { encoding: "utf8" });
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? "unknown",
    kernel: release(),
    node: process.versions.node,
    envoy: /\/(\d+\.\d+\.\d+)/.exec(version(envoyBinary, ["--version"]))?.[1] ?? "unknown",
    go: hasGo ? /go(\d+[\d.]*)/.exec(version("go", ["version"]))?.[1] : undefined,
  };
}

/** The machine in one line. */
export const machineLine = ({ cores, processor, kernel, node, envoy, go }: Machine): string =>
  `${cores} cores (${processor}), Linux ${kernel}, Envoy ${envoy}, Node ${node}${go === undefined ? "" : `, Go ${go}`}`;
