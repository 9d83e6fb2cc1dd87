import type { Size } from "./deal/size.ts";
import type { DiscoveryRules, VirtualHost } from "./route-rules.ts";
import type { CustomerTuning } from "./tuning.ts";

/** Where a listener is, or a peer to connect to. `path` is absolute. */
export type Address =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number } // host without brackets
  | { readonly kind: "unix"; readonly path: string };
export type TcpAddress = Extract<Address, { kind: "tcp" }>;

/** What riffle.yaml says, parsed: every default filled in, every name checked. Immutable; rebuilt whole. */
export interface Rules {
  readonly hash: string; // 16 hex digits of the content as parsed
  readonly listen: ListenRules;
  readonly envoy: EnvoyRules;
  readonly clusters: ReadonlyMap<string, readonly TcpAddress[]>; // fixed targets by name; no address: a cluster Envoy has anyway
  readonly customer: { readonly from: readonly CustomerSource[]; readonly missing: "reject" | "anonymous" | "pass" };
  readonly pools: ReadonlyMap<string, PoolRules>;
  readonly customers: ReadonlyMap<string, CustomerTuning>; // by customer, a byte string
  readonly discovery: ReadonlyMap<string, DiscoveryRules>;
  readonly store: StoreRules | undefined; // undefined: none
  readonly virtualHosts: readonly VirtualHost[];
}

export interface ListenRules {
  readonly grpc: readonly ListenerRules[]; // at least one
  readonly admin: Address | undefined; // undefined: no admin listener
  readonly transport: Transport;
  readonly maxConnectionAgeMs: number | undefined; // undefined: connections last
}

/** Which gRPC server answers Envoy: riffle's own, or the library it is measured against. */
export type Transport = "own" | "grpc-js";

export interface ListenerRules {
  readonly address: Address;
  readonly tls: ListenerTls | undefined; // undefined: plain connections
}

/** Files in PEM; paths are absolute. */
export interface ListenerTls {
  readonly cert: string;
  readonly key: string;
  readonly clientCa: string | undefined; // given: only clients with a certificate signed by it
}

/** What `riffle envoy` generates for. */
export interface EnvoyRules {
  readonly listen: TcpAddress;
  readonly messageTimeoutMs: number;
  readonly healthIntervalMs: number; // how often Envoy asks riffle's health; a drain waits for three of them
  readonly whenDown: "refuse" | { readonly fallback: string }; // a cluster's name
  readonly tls: EnvoyTls | undefined; // there when a listener has TLS
}

/** Files in PEM that Envoy reads, at paths as Envoy sees them. */
export interface EnvoyTls {
  readonly ca: string; // signed riffle's certificate
  readonly own: { readonly cert: string; readonly key: string } | undefined; // there when a listener asks for client certificates
}

export interface CustomerSource {
  readonly header: string; // lower case
}

export interface PoolRules {
  readonly name: string;
  readonly targets: readonly TargetRules[]; // at least one, ids distinct
  readonly shard: ShardRules;
  readonly output: PoolOutput;
  readonly ejection: EjectionRules | undefined; // undefined: targets are never ejected for what they answer
}

/** How Envoy is told where an exchange goes. With the last two the pool is one Envoy cluster, named as the pool. */
export type PoolOutput =
  | { readonly kind: "cluster_header"; readonly header: string } // lower case; names the target's own cluster
  | { readonly kind: "override_host"; readonly header: string } // lower case; lists the shard's hosts, first choice first
  | { readonly kind: "metadata"; readonly namespace: string }; // dynamic metadata that says the same

/** Passive health: when a target is passed over for what it answered, and for how long. */
export interface EjectionRules {
  readonly failures: number; // in a row, at least 1
  readonly timeMs: number; // the first time; twice that the second, and so on
  readonly maxTimeMs: number;
  readonly maxBasisPoints: number; // of the pool's targets, at one time: 1…10000
}

export interface TargetRules {
  readonly id: string; // 1–256 visible ASCII characters; the Envoy cluster's name
  readonly zone: string; // byte string; "" when it has none
  readonly weight: number; // 0…65535; 0: dealt to nobody
  readonly state: TargetState;
  readonly address: TcpAddress | undefined; // undefined: a cluster Envoy has anyway
}

/** draining: picked only where no other member of the shard is up. down: never picked. Neither leaves a shard. */
export type TargetState = "active" | "draining" | "down";

export interface ShardRules {
  readonly size: Size;
  readonly zones: "min" | "spread" | "plain";
  readonly minZones: number | undefined; // undefined: min(2, k, zones)
  readonly salt: string; // byte string
  readonly pick: PickRules;
  readonly weightedPick: boolean; // weights count in the pick as well as in the deal
  readonly spill: number; // targets beyond the shard that may serve when all of it is down
  readonly graceMs: number; // for how long former members keep requests that stick, once a shard has changed
}

/** Whether what a pool's targets answer is looked at: a later pick depends on it. */
export const looksAtResponses = ({ ejection, shard }: Pick<PoolRules, "ejection" | "shard">): boolean =>
  ejection !== undefined || shard.pick.kind === "least_loaded";

/** Which member of a shard serves a request. */
export type PickRules =
  | { readonly kind: "random" }
  | { readonly kind: "least_loaded" }
  | { readonly kind: "affinity"; readonly by: "header" | "cookie" | "variable"; readonly name: string } // a header's in lower case
  | { readonly kind: "affinity"; readonly by: "path" | "source_ip" };

/** Where what riffle shares with other instances, and with operators, is kept. */
export interface StoreRules {
  readonly redis: RedisRules;
}

/** One Redis server. The password is for the connection alone: nothing shows it. */
export interface RedisRules {
  readonly address: Address;
  readonly hasTls: boolean;
  readonly user: string | undefined; // undefined: the server's default user
  readonly password: string | undefined; // undefined: none is sent
  readonly database: number;
}

/** A mistake in an operator's document, or (in a list of warnings) something that works and is likely not meant. */
export interface Problem {
  readonly path: readonly (string | number)[]; // keys from the top of the document
  readonly at?: "key"; // about the last key itself, not about its value
  readonly message: string; // one line: what is wrong, and the remedy
}

/** The header in which Envoy is told the cluster, where a pool names no other. */
export const DEFAULT_CLUSTER_HEADER = "x-target-cluster";

/** The longest id of a customer: a longer one would not fit a key of the store. */
export const MAX_CUSTOMER_BYTES = 256;

/** The name of riffle's own cluster in the generated Envoy configuration; no target may have it. */
export const RIFFLE_CLUSTER = "riffle";

/** The key of the list of hosts in Envoy's dynamic metadata, and the header that may hold it instead. */
export const HOSTS_KEY = "x-riffle-hosts";

/** The key of the first target's id in dynamic metadata, and of each host's own id in Envoy's cluster of the pool. */
export const TARGET_KEY = "riffle_target";

/** The one namespace in which Envoy's load balancing looks for hosts and subsets. */
export const LB_NAMESPACE = "envoy.lb";

/** A pool that tells Envoy hosts, and so is one Envoy cluster, named as the pool. */
export type HostPool = PoolRules & { readonly output: Exclude<PoolOutput, { kind: "cluster_header" }> };

/** Whether a pool is one Envoy cluster. */
export const isHostPool = (pool: PoolRules): pool is HostPool => pool.output.kind !== "cluster_header";
