import type { Address, ListenRules, PoolRules, Rules, TargetRules } from "../../../src/core/rules.ts";

/** The rules of the golden files, with what a test changes. Ports are fixed, so that the text is. */
export function sampleRules(change: Partial<Rules> = {}): Rules {
  return {
    hash: "0123456789abcdef",
    listen: listenAt(tcp("127.0.0.1", 9001)),
    envoy: { listen: tcp("0.0.0.0", 8080), messageTimeoutMs: 500, healthIntervalMs: 2000, whenDown: "refuse", tls: undefined },
    clusters: new Map([
      ["health", [tcp("127.0.0.1", 7100)]],
      ["legacy", []],
    ]),
    customer: { from: [{ header: "x-customer-id" }], missing: "reject" },
    customers: new Map(),
    pools: new Map([["backends", pool("backends", [target("backend_0", 7001), target("backend_1", 7002)])]]),
    discovery: new Map(),
    store: undefined,
    virtualHosts: [],
    ...change,
  };
}

/** Plain listeners. */
export const listenAt = (...addresses: readonly Address[]): ListenRules => ({
  grpc: addresses.map((address) => ({ address, tls: undefined })),
  transport: "own",
  maxConnectionAgeMs: undefined,
  admin: undefined,
});

export const tcp = (host: string, port: number): Extract<Address, { kind: "tcp" }> => ({ kind: "tcp", host, port });

export const target = (id: string, port?: number): TargetRules => ({
  id,
  zone: "",
  weight: 100,
  state: "active",
  address: port === undefined ? undefined : tcp("127.0.0.1", port),
});

export const pool = (name: string, targets: readonly TargetRules[], header = "x-target-cluster"): PoolRules => ({
  name,
  targets,
  shard: {
    size: { kind: "count", count: 2 },
    zones: "min",
    minZones: undefined,
    salt: "",
    pick: { kind: "random" },
    weightedPick: false,
    spill: 0,
    graceMs: 0,
  },
  output: { kind: "cluster_header", header },
  ejection: undefined,
});
