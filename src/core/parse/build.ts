import { toByteString } from "../bytes.ts";
import { hashKey } from "../deal/key.ts";
import type { Output } from "../output.ts";
import {
  type Address,
  DEFAULT_CLUSTER_HEADER,
  type EjectionRules,
  type EnvoyTls,
  type ListenerRules,
  type PoolOutput,
  type PoolRules,
  type Route,
  type Rules,
  type VirtualHost,
} from "../rules.ts";
import { resolvePath } from "./address.ts";
import { canonicalJson } from "./canonical.ts";
import type { Shape } from "./shape.ts";
import { parseTuning } from "./tuning.ts";

/** Rules from a document that has no problems. Relative paths start at `folder`, which is not part of the hash. */
export function buildRules(shape: Shape, folder: string): Rules {
  const { listen, envoy } = shape;
  const pools = new Map(Object.entries(shape.pools).map(([name, pool]) => [name, buildPool(name, pool)]));
  return {
    hash: hash(shape),
    listen: {
      grpc: listen.grpc.map((written) => buildListener(written, folder)),
      transport: listen.transport,
      maxConnectionAgeMs: listen.max_connection_age,
      admin: undefined,
    },
    envoy: {
      listen: envoy.listen,
      messageTimeoutMs: envoy.message_timeout,
      healthIntervalMs: envoy.health_interval,
      whenDown: envoy.when_down,
      tls: buildEnvoyTls(envoy.tls),
    },
    clusters: new Map(Object.entries(shape.clusters)),
    customer: shape.customer,
    pools,
    customers: buildCustomers(shape.customers),
    discovery: new Map(),
    virtualHosts: buildVirtualHosts(shape, pools),
  };
}

/** The same for the same content: the order of keys, comments and defaults written out do not count. */
function hash(shape: Shape): string {
  const { lo, hi } = hashKey([toByteString(canonicalJson(shape))]);
  return [hi, lo].map((lane) => lane.toString(16).padStart(8, "0")).join("");
}

function buildListener(written: Shape["listen"]["grpc"][number], folder: string): ListenerRules {
  if ("kind" in written) return { address: absolute(written, folder), tls: undefined };
  const { cert, key, client_ca } = written.tls;
  const clientCa = client_ca === undefined ? undefined : resolvePath(client_ca, folder);
  return { address: written.address, tls: { cert: resolvePath(cert, folder), key: resolvePath(key, folder), clientCa } };
}

const absolute = (address: Address, folder: string): Address =>
  address.kind === "unix" ? { kind: "unix", path: resolvePath(address.path, folder) } : address;

function buildEnvoyTls(written: Shape["envoy"]["tls"]): EnvoyTls | undefined {
  if (written === undefined) return undefined;
  const { ca, cert, key } = written;
  return { ca, own: cert === undefined || key === undefined ? undefined : { cert, key } };
}

function buildPool(name: string, { targets, shard, output, ejection }: Shape["pools"][string]): PoolRules {
  return {
    name,
    targets: targets.map(({ id, zone = "", weight, state, address }) => ({ id, zone, weight, state, address })),
    shard: {
      size: shard.size,
      zones: shard.zones,
      minZones: shard.min_zones,
      salt: shard.salt,
      pick: shard.pick,
      weightedPick: shard.weighted_pick,
      spill: shard.spill,
      graceMs: shard.grace,
    },
    output: buildOutput(output),
    ejection: buildEjection(ejection),
  };
}

function buildOutput(written: Shape["pools"][string]["output"]): PoolOutput {
  if ("override_host" in written) return { kind: "override_host", header: written.override_host };
  if ("metadata" in written) return { kind: "metadata", namespace: written.metadata };
  return { kind: "cluster_header", header: written.cluster_header };
}

function buildEjection(written: Shape["pools"][string]["ejection"]): EjectionRules | undefined {
  if (written === undefined) return undefined;
  const { failures, time, max_time, share } = written;
  return { failures, timeMs: time, maxTimeMs: Math.max(time, max_time), maxBasisPoints: share };
}

const buildCustomers = (written: Shape["customers"]): Rules["customers"] =>
  new Map(Object.entries(written).map(([customer, fields]) => [toByteString(customer), parseTuning(fields).tuning]));

type Pools = ReadonlyMap<string, PoolRules>;
type RouteShape = NonNullable<Shape["virtual_hosts"]>[number]["routes"][number];

function buildVirtualHosts({ virtual_hosts: written, defaults }: Shape, pools: Pools): readonly VirtualHost[] {
  return (written ?? implied(pools)).map(({ hosts, routes }) => ({
    hosts,
    routes: routes.map((route, index) => buildRoute(`${hosts[0]}#${index}`, route, { pools, defaults })),
  }));
}

/** Without virtual hosts everything goes to the only pool; with several nobody knows to which. */
function implied(pools: Pools): NonNullable<Shape["virtual_hosts"]> {
  const [pool, ...others] = pools.keys();
  if (pool === undefined || others.length > 0) return [];
  return [{ hosts: ["*"], routes: [{ match: { prefix: "/" }, target: { pool } }] }];
}

interface Context {
  readonly pools: Pools;
  readonly defaults: Shape["defaults"];
}

function buildRoute(name: string, { match, target, on_error }: RouteShape, { pools, defaults }: Context): Route {
  const { pool, cluster = "" } = target; // one of the two is there
  const named = pools.get(pool ?? "")?.output;
  const header = named?.kind === "cluster_header" ? named.header : DEFAULT_CLUSTER_HEADER;
  const outputs = { deny: "deny", allow: {}, default_target: outputTo(header, defaults.default_target ?? "") } as const;
  return {
    name,
    match: { path: { kind: "prefix", prefix: match.prefix }, methods: [], headers: [], query: [], basisPoints: 10_000 },
    region: undefined,
    request: [],
    response: [],
    hasStats: false,
    target: pool === undefined ? { kind: "cluster", cluster, output: outputTo(header, cluster) } : { kind: "pool", pool },
    onError: outputs[on_error ?? defaults.on_error],
  };
}

/** What makes Envoy send an exchange to a cluster. */
const outputTo = (name: string, cluster: string): Output => ({ edits: [{ name, value: cluster }] });
