import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Child, startChild } from "../src/cli/demo/child.ts";
import { virtualHosts } from "./routes.ts";
import { type ServerKind, SHARD_SIZE, TARGETS } from "./rows.ts";

const ROOT = join(import.meta.dirname, "..");
const MAIN = join(ROOT, "src", "main.ts");
const PEER = join(import.meta.dirname, "peers", "go");
const BUILD_TIMEOUT_MS = 5 * 60_000; // the first build compiles all of grpc-go

/** What a server is started with. */
export interface ServerOptions {
  readonly folder: string; // for files and sockets
  readonly ports: readonly number[]; // of the targets, in their order
  readonly goBinary: string | undefined; // undefined: there is none
}

/** Starts a server on a unix socket; it may not listen yet. */
export async function startServer(server: ServerKind, options: ServerOptions): Promise<{ readonly child: Child; readonly socket: string }> {
  const { folder, goBinary = "" } = options;
  const name = server.kind === "riffle" ? server.transport : server.kind;
  const socket = join(folder, `${name}.sock`);
  if (server.kind === "go") return { child: startChild(goBinary, [socket]), socket };
  const file = join(folder, `${name}.yaml`);
  await writeFile(file, riffleYaml(options.ports, { grpc: `unix:${socket}`, transport: server.transport, admin: "off" }));
  return { child: startChild(process.execPath, [MAIN, "serve", "--config", file]), socket };
}

/** The rules of the whole run; Envoy's configuration is generated from them too. */
export const riffleYaml = (ports: readonly number[], listen: object): string =>
  JSON.stringify({
    listen,
    envoy: { listen: "127.0.0.1:0" },
    pools: {
      backends: {
        targets: TARGETS.map((id, place) => ({ id, zone: "abc".charAt(place % 3), address: `127.0.0.1:${ports[place]}` })),
        shard: { size: SHARD_SIZE, salt: "a-salt-for-the-bench-alone" },
      },
    },
    virtual_hosts: virtualHosts("backends"),
  });

/** Builds the Go peer into a folder, unless it is there and fresh; resolves with its path, or with why it cannot be built. */
export async function buildGoPeer(folder: string): Promise<{ readonly binary: string } | { readonly missing: string }> {
  const binary = join(folder, "grpc-go");
  await mkdir(folder, { recursive: true });
  const args = ["build", "-C", PEER, "-mod=readonly", "-buildvcs=false", "-o", binary, "."];
  try {
    await promisify(execFile)("go", args, { env: { ...process.env, CGO_ENABLED: "0" }, timeout: BUILD_TIMEOUT_MS });
    return { binary };
  } catch (cause) {
    const { code, stderr } = cause as { readonly code?: unknown; readonly stderr?: string };
    if (code === "ENOENT") return { missing: "there is no Go here (no `go` on PATH)" };
    return { missing: `go build failed: ${stderr?.trim().split("\n").at(-1) || String(cause)}` };
  }
}
