import { setTimeout as sleep } from "node:timers/promises";
import { requestPolicies, responsePolicies } from "../core/policies.ts";
import type { Address, ListenerRules, ListenRules, Rules, Transport } from "../core/rules.ts";
import { Snapshot } from "../core/snapshot.ts";
import { formatAddress } from "../grpc/listener.ts";
import { type CreateGrpcServer, type GrpcServer, ListenError, type TlsMaterial } from "../grpc/types.ts";
import { createExtProc, type Scene } from "../serve/ext-proc.ts";
import { createHealth } from "../serve/health.ts";
import { LiveFacts } from "../store/live.ts";
import { createOracle } from "../store/oracle.ts";
import { RegionFacts } from "../store/regions.ts";
import { readTlsFiles } from "../store/tls-files.ts";
import { createLog, type Log } from "../trace/log.ts";
import { EXT_PROC_SERVICE } from "../wire/ext-proc.ts";
import { countStreams, untilQuiet } from "./quiet.ts";
import { loadRules } from "./rules.ts";
import { UserError } from "./user-error.ts";

/** How long streams may take to finish once health says NOT_SERVING and no new one is let in. */
const DRAIN_GRACE_MS = 10_000;

/** Loaded when chosen: the library alone takes 0.3 s. */
const TRANSPORTS: Readonly<Record<Transport, (listen: ListenRules) => Promise<CreateGrpcServer>>> = {
  own: async ({ maxConnectionAgeMs }) => {
    const { createTunedServer } = await import("../grpc/own.ts");
    return (methods) => createTunedServer(methods, { maxConnectionAgeMs });
  },
  "grpc-js": async () => (await import("../grpc/grpc-js.ts")).createGrpcJsServer,
};

/** The composition root: wires the parts together, answers until SIGTERM or SIGINT, drains and returns. */
export async function serve(file: string): Promise<void> {
  const log = createLog();
  const { rules, warnings } = await loadRules(file);
  for (const warning of warnings) log.warn(warning);
  const listeners = await Promise.all(rules.listen.grpc.map(readListener));

  const observed = new LiveFacts();
  const snapshot = new Snapshot(rules);
  observed.follow(snapshot.pools.values(), Date.now());
  const regions = followRegions(rules, log);
  const scene: Scene = {
    policies: requestPolicies,
    responsePolicies,
    snapshot,
    oracle: createOracle({ live: observed.live, region: regions.region }),
  };
  const health = createHealth([EXT_PROC_SERVICE]);
  const exchanges = countStreams(
    createExtProc({
      scene: () => scene,
      now: Date.now,
      elapsed: () => performance.now(),
      draw: () => Math.floor(Math.random() * 2 ** 32),
      report: (cause) => log.error({ err: cause }, "a decision broke"),
      observer: observed.observer,
    }),
  );
  const stopping = stopSignals();
  const createServer = await TRANSPORTS[rules.listen.transport](rules.listen);
  const server = createServer([exchanges.method, ...health.methods]);
  const addresses = await listen(server, listeners);
  await regions.ready();
  health.setServing(true);
  log.info({ grpc: addresses.map(formatAddress), version: scene.snapshot.version, node: process.version }, "serving");

  await stopping.first;
  const interval = (): Promise<void> => sleep(rules.envoy.healthIntervalMs, undefined, { ref: false });
  health.setServing(false);
  log.info("draining: health says NOT_SERVING");
  await Promise.race([untilQuiet(exchanges.opened, interval), stopping.second]);
  health.shutdown();
  await Promise.race([server.drain(DRAIN_GRACE_MS), stopping.second.then(() => server.drain(0))]);
  await regions.close();
  log.info("stopped");
}

/** Discovery services; a log line when one stops answering, and one when it answers again. */
function followRegions({ discovery }: Rules, log: Log): RegionFacts {
  const regions = new RegionFacts({
    now: () => performance.now(),
    draw: Math.random,
    report: (name, { isAnswering, why }) =>
      isAnswering
        ? log.info({ discovery: name }, "the discovery service answers again")
        : log.warn({ discovery: name, why }, "the discovery service fails; what is remembered and fallbacks stand in"),
  });
  regions.follow(discovery.values());
  return regions;
}

interface Listener {
  readonly address: Address;
  readonly tls: TlsMaterial | undefined;
}

/** A listener of the rules with what its files hold, or a UserError with a line a mistake. */
async function readListener({ address, tls }: ListenerRules): Promise<Listener> {
  if (tls === undefined) return { address, tls };
  const read = await readTlsFiles(tls);
  if ("problems" in read) throw new UserError(read.problems.join("\n"));
  return { address, tls: read };
}

async function listen(server: GrpcServer, listeners: readonly Listener[]): Promise<readonly Address[]> {
  try {
    return await Promise.all(listeners.map(({ address, tls }) => server.listen(address, tls)));
  } catch (cause) {
    await server.drain(0); // nothing half started
    throw cause instanceof ListenError ? new UserError(cause.message) : cause;
  }
}

/** The first signal asks to drain, the second to be done with it. */
function stopSignals(): { readonly first: Promise<void>; readonly second: Promise<void> } {
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  let seen = 0;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => (seen++ === 0 ? first : second).resolve());
  }
  return { first: first.promise, second: second.promise };
}
