import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateEnvoy } from "../../core/envoy/bootstrap.ts";
import { RIFFLE_CLUSTER, type Rules } from "../../core/rules.ts";
import { loadRules } from "../rules.ts";
import { type Backend, startBackends } from "./backends.ts";
import { type Child, startChild } from "./child.ts";
import { startDiscovery } from "./discovery.ts";
import { runEnvoy, until } from "./run-envoy.ts";

/** Everything the demo runs: targets, a discovery service, riffle and a real Envoy, on free loopback ports. */
export interface Fleet {
  readonly backends: readonly Backend[];
  readonly rules: Rules;
  readonly file: string; // the riffle.yaml in use
  readonly port: number; // Envoy's, for clients
  /** Resolves with what happened when riffle or Envoy ends by itself. */
  readonly broken: Promise<string>;
  stop(): Promise<void>;
}

/** Starts it all; resolves once Envoy serves and finds riffle healthy. Rejects, nothing left running, when a part does not start. */
export async function startFleet(envoyBinary: string): Promise<Fleet> {
  const folder = await mkdtemp(join(tmpdir(), "riffle-demo-"));
  const backends = await startBackends();
  const discovery = await startDiscovery(Object.entries(REGIONS));
  const children: Child[] = [];
  const stop = async (): Promise<void> => {
    for (const child of children.toReversed()) await child.stop(); // Envoy first: no request is under way when riffle goes
    await Promise.all([discovery, ...backends].map((server) => server.close()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const file = join(folder, "riffle.yaml");
    await writeFile(file, demoRules(backends, discovery.url));
    const { rules } = await loadRules(file);
    const riffle = startChild(process.execPath, [process.argv[1] ?? "", "serve", "--config", file]);
    children.push(riffle);
    const config = generateEnvoy(rules, { admin: { kind: "tcp", host: "127.0.0.1", port: 0 } });
    const envoy = await runEnvoy({ binary: envoyBinary, config, folder });
    children.push(envoy.child);
    const broken = Promise.race([
      riffle.ended.then(() => `riffle ended: ${riffle.lastWords()}`),
      envoy.child.ended.then(() => `Envoy ended: ${envoy.child.lastWords()}`),
    ]);
    const healthy = until(
      async () => ((await envoy.stat(`cluster.${RIFFLE_CLUSTER}.membership_healthy`)) > 0 ? "" : undefined),
      AbortSignal.timeout(20_000),
    );
    const trouble = await Promise.race([healthy, broken]);
    if (trouble !== "") throw new Error(trouble);
    return { backends, rules, file, port: envoy.port, broken, stop };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

/** The demo's riffle.yaml. A fresh salt would deal other shards in every run; one written down makes runs alike. */
const demoRules = (
  backends: readonly Backend[],
  discovery: string,
): string => `# The rules of the demo that is running. A change is in force as soon as it is saved.
listen: { grpc: unix:riffle.sock, admin: off }
envoy: { listen: 127.0.0.1:0, health_interval: 200ms }
clusters:
${Object.values(REGIONS)
  .map((region, index) => `  ${region}: [127.0.0.1:${backends[index]?.port}]`)
  .join("\n")}
discovery:
  main: { url: "${discovery}{host}" }
pools:
  backends:
    targets:
${backends.map(({ id, zone, port }) => `      - { id: ${id}, zone: ${zone}, address: 127.0.0.1:${port} }`).join("\n")}
    shard: { size: 2, salt: a-salt-for-the-demo-alone }
virtual_hosts:
  - routes:
      - match: { path_separated_prefix: /regional }
        region: { discovery: main, allowed: [${Object.values(REGIONS).join(", ")}], fallback: ${Object.values(REGIONS)[0]} }
        target: { header: region }
        response: { set: { Processed-By: Regional Router } }
      - target: { pool: backends }
`;

/** What the discovery service knows: host → region, which is a cluster of one target. */
const REGIONS = { "us.example.com": "us-east", "eu.example.com": "eu-west" };
