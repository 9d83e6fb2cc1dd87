// A riffle whose decisions take 20 ms each, as if a store had to be asked: `node late-riffle.ts serve --config FILE`, until SIGTERM.
import { setTimeout as sleep } from "node:timers/promises";
import { loadRules } from "../../../src/cli/rules.ts";
import { blind } from "../../../src/core/observer.ts";
import { requestPolicies, responsePolicies } from "../../../src/core/policies.ts";
import { Snapshot } from "../../../src/core/snapshot.ts";
import { createOwnServer } from "../../../src/grpc/own.ts";
import { createExtProc, type Scene } from "../../../src/serve/ext-proc.ts";
import { createHealth } from "../../../src/serve/health.ts";
import { quietLive } from "../../../src/store/live.ts";
import { createOracle } from "../../../src/store/oracle.ts";
import { quietRegion } from "../../../src/store/regions.ts";
import { EXT_PROC_SERVICE } from "../../../src/wire/ext-proc.ts";

const DELAY_MS = 20;

const { rules } = await loadRules(process.argv.at(-1) ?? "");
const oracle = createOracle({ live: quietLive, region: quietRegion });
const scene: Scene = {
  policies: requestPolicies,
  responsePolicies,
  snapshot: new Snapshot(rules),
  oracle: (ask, exchange) => sleep(DELAY_MS).then(() => oracle(ask, exchange)),
};
const report = (cause: unknown): void => void process.stderr.write(`${cause}\n`);
const extProc = createExtProc({
  scene: () => scene,
  now: Date.now,
  elapsed: () => performance.now(),
  draw: () => Math.floor(Math.random() * 2 ** 32),
  report,
  observer: blind,
});
const health = createHealth([EXT_PROC_SERVICE]);
const server = createOwnServer([extProc, ...health.methods]);
for (const { address } of rules.listen.grpc) await server.listen(address);
health.setServing(true);
process.once("SIGTERM", () => void server.drain(1_000));
