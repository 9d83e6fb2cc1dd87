import { toByteString } from "../bytes.ts";
import { hashKey } from "../deal/key.ts";
import type { Address, EjectionRules, EnvoyTls, ListenerRules, PoolOutput, PoolRules, Rules, StoreRules } from "../rules.ts";
import { resolvePath } from "./address.ts";
import { buildDiscovery } from "./build-discovery.ts";
import { buildVirtualHosts } from "./build-route.ts";
import { canonicalJson } from "./canonical.ts";
import type { Shape } from "./shape.ts";
import { parseTuning } from "./tuning.ts";

/** Rules from a document that has no problems. Relative paths start at `folder`, which is not part of the hash. */
export function buildRules(shape: Shape, folder: string): Rules {
  const { listen, envoy } = shape;
  const pools = new Map(Object.entries(shape.pools).map(([name, pool]) => [name, buildPool(name, pool)]));
  const store = buildStore(shape.store, folder);
  const discovery = new Map(Object.entries(shape.discovery).map(([name, written]) => [name, buildDiscovery(name, written, store)]));
  return {
    hash: hash(shape),
    listen: {
      grpc: listen.grpc.map((written) => buildListener(written, folder)),
      transport: listen.transport,
      maxConnectionAgeMs: listen.max_connection_age,
      admin: listen.admin === "off" ? undefined : absolute(listen.admin, folder),
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
    discovery,
    store,
    virtualHosts: buildVirtualHosts(shape.virtual_hosts, { pools, discovery, defaults: shape.defaults }),
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

const buildStore = (written: Shape["store"], folder: string): StoreRules | undefined =>
  written && { redis: { ...written.redis, address: absolute(written.redis.address, folder) } };

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
