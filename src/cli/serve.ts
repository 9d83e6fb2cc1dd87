import { setTimeout as sleep } from "node:timers/promises";
import { requestPolicies } from "../core/policies.ts";
import type { Address, Rules } from "../core/rules.ts";
import { Snapshot } from "../core/snapshot.ts";
import { createGrpcJsServer } from "../grpc/grpc-js.ts";
import { formatAddress } from "../grpc/listener.ts";
import { type GrpcServer, ListenError } from "../grpc/types.ts";
import { createExtProc, type Scene } from "../serve/ext-proc.ts";
import { createHealth } from "../serve/health.ts";
import { quietLive } from "../store/live.ts";
import { createOracle } from "../store/oracle.ts";
import { createLog } from "../trace/log.ts";
import { EXT_PROC_SERVICE } from "../wire/ext-proc.ts";
import { loadRules } from "./rules.ts";
import { UserError } from "./user-error.ts";

/** How long streams may take to finish once health says NOT_SERVING and no new one is let in. */
const DRAIN_GRACE_MS = 10_000;

/** The composition root: wires the parts together, answers until SIGTERM or SIGINT, drains and returns. */
export async function serve(file: string): Promise<void> {
  const log = createLog();
  const { rules, warnings } = await loadRules(file);
  for (const warning of warnings) log.warn(warning);

  const scene: Scene = { policies: requestPolicies, snapshot: new Snapshot(rules), oracle: createOracle({ live: quietLive }) };
  const health = createHealth([EXT_PROC_SERVICE]);
  const extProc = createExtProc({
    scene: () => scene,
    now: Date.now,
    draw: () => Math.floor(Math.random() * 2 ** 32),
    report: (cause) => log.error({ err: cause }, "a decision broke"),
  });
  const stopping = stopSignals();
  const server = createGrpcJsServer([extProc, ...health.methods]);
  const addresses = await listen(server, rules);
  health.setServing(true);
  log.info({ grpc: addresses.map(formatAddress), version: scene.snapshot.version, node: process.version }, "serving");

  await stopping.first;
  // Envoy asks twice before it believes; one interval more for the answer that was on its way.
  const waitMs = 3 * rules.envoy.healthIntervalMs;
  health.setServing(false);
  log.info({ waitMs }, "draining: health says NOT_SERVING");
  await Promise.race([sleep(waitMs, undefined, { ref: false }), stopping.second]);
  health.shutdown();
  await Promise.race([server.drain(DRAIN_GRACE_MS), stopping.second.then(() => server.drain(0))]);
  log.info("stopped");
}

async function listen(server: GrpcServer, { listen: { grpc } }: Rules): Promise<readonly Address[]> {
  try {
    return await Promise.all(grpc.map((address) => server.listen(address)));
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
