import { access } from "node:fs/promises";
import { join } from "node:path";
import type { Child } from "../src/cli/demo/child.ts";
import { type Envoy, runEnvoy, until } from "../src/cli/demo/run-envoy.ts";
import { loadRules } from "../src/cli/rules.ts";
import { generateEnvoy } from "../src/core/envoy/bootstrap.ts";
import { RIFFLE_CLUSTER } from "../src/core/rules.ts";
import { envoyConfig } from "./envoy-config.ts";
import type { Row } from "./rows.ts";
import { type ServerOptions, startServer } from "./servers.ts";

/** A row that runs: an Envoy of its own, and beside it the server it asks, if any. */
export interface Stage {
  readonly row: Row;
  readonly port: number; // Envoy's, for clients
  readonly envoyPid: number;
  readonly serverPid: number | undefined;
  /** Rejects when a part of it ends by itself. */
  readonly broken: Promise<never>;
}

export interface StageOptions extends ServerOptions {
  readonly envoyBinary: string;
  readonly rulesFile: string; // riffle.yaml that Envoy's configuration is generated from
  /** Told of each process that is started, so that it can be stopped. */
  readonly onStart: (child: Child) => void;
}

const PATIENCE_MS = 20_000;

/** Starts a row; resolves once its Envoy serves and finds the server healthy. */
export async function startStage(row: Row, options: StageOptions): Promise<Stage> {
  const { folder, envoyBinary, rulesFile, onStart } = options;
  const server = row.server && (await startServer(row.server, options));
  if (server) {
    onStart(server.child);
    // Envoy looks for it once at the start, and only much later again.
    await Promise.race([listening(server.socket), ends(server.child, row.title)]);
  }
  const { rules } = await loadRules(rulesFile);
  const socket = server?.socket ?? join(folder, "nobody.sock");
  const generated = generateEnvoy(rules, { admin: { kind: "tcp", host: "127.0.0.1", port: 0 }, riffle: [{ kind: "unix", path: socket }] });
  const envoy = await runEnvoy({ binary: envoyBinary, config: envoyConfig(generated, row.deciding), folder });
  onStart(envoy.child);
  const broken = Promise.race([ends(envoy.child, `the Envoy of "${row.title}"`), ...(server ? [ends(server.child, row.title)] : [])]);
  broken.catch(() => undefined); // told to whoever measures; in the end all of them end
  if (server) await Promise.race([healthy(envoy), broken]);
  return { row, port: envoy.port, envoyPid: pidOf(envoy.child), serverPid: server && pidOf(server.child), broken };
}

const listening = (socket: string): Promise<true> =>
  until(() => access(socket).then(() => true as const), AbortSignal.timeout(PATIENCE_MS));

const healthy = (envoy: Envoy): Promise<true> =>
  until(
    async () => ((await envoy.stat(`cluster.${RIFFLE_CLUSTER}.membership_healthy`)) > 0 ? true : undefined),
    AbortSignal.timeout(PATIENCE_MS),
  );

const ends = (child: Child, name: string): Promise<never> =>
  child.ended.then(() => Promise.reject(new Error(`${name} ended: ${child.lastWords()}`)));

const pidOf = ({ process: { pid } }: Child): number => {
  if (pid === undefined) throw new Error("a process that runs has a pid");
  return pid;
};
