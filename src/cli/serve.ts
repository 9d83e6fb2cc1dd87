import { hostname } from "node:os";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { encodeId } from "../core/bytes.ts";
import { all } from "../core/observer.ts";
import { requestPolicies, responsePolicies } from "../core/policies.ts";
import type { Rules } from "../core/rules.ts";
import { compileSnapshot, Snapshot } from "../core/snapshot.ts";
import { finish, type Steps } from "../core/steps.ts";
import { formatAddress } from "../grpc/listener.ts";
import type { Standing } from "../serve/admin.ts";
import { createExtProc, type Scene } from "../serve/ext-proc.ts";
import { createHealth } from "../serve/health.ts";
import { LiveFacts } from "../store/live.ts";
import { createOracle } from "../store/oracle.ts";
import { openRedis } from "../store/redis.ts";
import { RedisLinks } from "../store/redis-links.ts";
import { openHttpLine } from "../store/regions/http.ts";
import { openStoreLine } from "../store/regions/store.ts";
import { RegionFacts } from "../store/regions.ts";
import { RouteCounts } from "../store/route-numbers.ts";
import { RulesReader } from "../store/rules-aside.ts";
import type { RulesFile } from "../store/rules-file.ts";
import { readWhole } from "../store/whole-file.ts";
import { createLog, type Log } from "../trace/log.ts";
import { EXT_PROC_SERVICE } from "../wire/ext-proc.ts";
import { openAdmin } from "./admin.ts";
import { createServer, listen, readListener } from "./grpc-listeners.ts";
import { countStreams, untilQuiet } from "./quiet.ts";
import { Reloader } from "./reload.ts";
import { loadRules } from "./rules.ts";
import { betweenRequests, runInSlices } from "./slices.ts";
import { openTriggers } from "./triggers.ts";

/** How long streams may take to finish once health says NOT_SERVING and no new one is let in. */
const DRAIN_GRACE_MS = 10_000;

/** The composition root: wires the parts together, answers until SIGTERM or SIGINT, drains and returns. */
export async function serve(file: string): Promise<void> {
  const log = createLog();
  const path = resolve(file);
  const triggers = await openTriggers(path);
  const { rules, warnings } = await loadRules(path);
  for (const warning of warnings) log.warn(warning);
  const listeners = await Promise.all(rules.listen.grpc.map(readListener));

  const observed = new LiveFacts();
  const links = createLinks(log);
  const regions = createRegions(log, links);
  const reachable = (): Promise<unknown> => Promise.all([links.ready(), regions.ready()]);
  const counts = new RouteCounts();
  const enter = (snapshot: Snapshot): void => {
    observed.follow(snapshot.pools.values(), Date.now());
    links.follow(snapshot.rules.store);
    regions.follow(snapshot.rules.discovery.values());
  };
  let scene: Scene = {
    policies: requestPolicies,
    responsePolicies,
    snapshot: new Snapshot(rules),
    oracle: createOracle({ live: observed.live, region: regions.region }),
  };
  enter(scene.snapshot);
  finish(counts.follow(rules.virtualHosts));
  const health = createHealth([EXT_PROC_SERVICE]);
  const exchanges = countStreams(
    createExtProc({
      scene: () => scene,
      now: Date.now,
      elapsed: () => performance.now(),
      draw: () => Math.floor(Math.random() * 2 ** 32),
      report: (cause) => log.error({ err: cause }, "a decision broke"),
      observer: all([counts, observed.observer]),
    }),
  );

  const slowly = <T>(steps: Steps<T>): Promise<T> => runInSlices(steps, betweenRequests);
  const apply = async (fresh: Rules): Promise<void> => {
    const snapshot = await slowly(compileSnapshot(fresh, scene.snapshot));
    await slowly(counts.follow(fresh.virtualHosts));
    enter(snapshot);
    await reachable();
    scene = { ...scene, snapshot };
  };
  const reader = new RulesReader(slowly);
  const read = (): Promise<RulesFile> => readWhole(path, () => reader.read(path, process.env));
  const reloader = new Reloader({ read, apply, started: { rules, warnings }, now: Date.now, log });
  const stopping = stopSignals();
  let phase: Standing["phase"] = "starting";
  const admin = await openAdmin(rules.listen.admin, {
    standing: () => ({ phase, ...reloader.standing }),
    reload: () => reloader.reload("POST /reload"),
    report: (cause) => log.error({ err: cause }, "an admin request broke"),
  });

  const server = await createServer(rules.listen, [exchanges.method, ...health.methods]);
  const addresses = await listen(server, listeners).catch((cause: unknown) => admin.close().then(() => Promise.reject(cause)));
  await reachable();
  health.setServing(true);
  phase = "serving";
  triggers.start((trigger) => void reloader.reload(trigger));
  const where = { grpc: addresses.map(formatAddress), ...(admin.address && { admin: formatAddress(admin.address) }) };
  log.info({ ...where, version: scene.snapshot.version, node: process.version }, "serving");

  await stopping.first;
  const interval = (): Promise<void> => sleep(scene.snapshot.rules.envoy.healthIntervalMs, undefined, { ref: false });
  phase = "draining";
  health.setServing(false);
  log.info("draining: health says NOT_SERVING");
  await Promise.race([untilQuiet(exchanges.opened, interval), stopping.second]);
  health.shutdown();
  await Promise.race([server.drain(DRAIN_GRACE_MS), stopping.second.then(() => server.drain(0))]);
  triggers.close();
  reader.close();
  await admin.close();
  await regions.close();
  await links.close();
  log.info("stopped");
}

/** The way to the store; a log line when it stops answering, and one when it answers again. */
const createLinks = (log: Log): RedisLinks =>
  new RedisLinks({
    open: (rules, report) => openRedis(rules, { name: `riffle:hot:${encodeId(hostname())}-${process.pid}`, draw: Math.random, report }),
    report: ({ address }, { isAnswering, why }) =>
      isAnswering
        ? log.info({ store: formatAddress(address) }, "the store answers again")
        : log.warn({ store: formatAddress(address), why }, "the store is out of reach; what is remembered and fallbacks stand in"),
  });

/** Who is asked for regions; a log line when one stops answering, and one when it answers again. */
const createRegions = (log: Log, links: RedisLinks): RegionFacts =>
  new RegionFacts({
    now: () => performance.now(),
    draw: Math.random,
    open: (discovery, source) => (source.kind === "store" ? openStoreLine(links.to(source.redis), discovery) : openHttpLine(source)),
    report: (name, { isAnswering, why }) =>
      isAnswering
        ? log.info({ discovery: name }, "the discovery service answers again")
        : log.warn({ discovery: name, why }, "the discovery service fails; what is remembered and fallbacks stand in"),
  });

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
