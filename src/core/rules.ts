import type { Size } from "./deal/size.ts";
import type { Output } from "./output.ts";
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

/** Whether a route's responses are looked at whatever its pool is. */
export const looksAtRoute = ({ response, hasStats }: Pick<Route, "response" | "hasStats">): boolean => hasStats || response.length > 0;

/** Which member of a shard serves a request. */
export type PickRules =
  | { readonly kind: "random" }
  | { readonly kind: "least_loaded" }
  | { readonly kind: "affinity"; readonly by: "header" | "cookie" | "variable"; readonly name: string } // a header's in lower case
  | { readonly kind: "affinity"; readonly by: "path" | "source_ip" };

export interface VirtualHost {
  readonly hosts: readonly string[]; // lower case; exact, "*.suffix", "prefix.*" or "*"
  readonly routes: readonly Route[]; // the first that matches wins
}

export interface Route {
  readonly name: string; // as written, or "<virtual host's first host>#<index>"; for explain, numbers and traces
  readonly match: RouteMatch;
  readonly target: RouteTarget;
  readonly region: RegionRules | undefined;
  readonly request: readonly HeaderChange[]; // in order; of what is sent on
  readonly response: readonly HeaderChange[]; // in order; of what comes back
  readonly hasStats: boolean; // its responses are looked at for the numbers alone
  readonly onError: "deny" | Output; // allow: an empty output; default_target: that cluster's
}

/** Which requests a route is for: all of it has to hold. */
export interface RouteMatch {
  readonly path: PathMatch;
  readonly methods: readonly string[]; // as sent; empty: any
  readonly headers: readonly HeaderMatch[];
  readonly query: readonly QueryMatch[];
  readonly basisPoints: number; // of the customers, 0…10000, always the same ones
}

/** Matched against `:path` without its query, as received; nothing is normalised. */
export type PathMatch =
  | { readonly kind: "exact"; readonly path: string }
  | { readonly kind: "prefix"; readonly prefix: string }
  | { readonly kind: "segments"; readonly prefix: string } // followed by the end or by /
  | { readonly kind: "regex"; readonly regex: string } // RE2, all of the path
  | { readonly kind: "template"; readonly template: string }; // Envoy's URI template

/** What a text has to be. */
export type TextMatch =
  | { readonly kind: "exact" | "prefix" | "suffix" | "contains"; readonly text: string } // byte string
  | { readonly kind: "regex"; readonly regex: string }; // RE2, all of the text

/** Of several lines one that passes is enough; inverted, is too much. A missing header passes nothing but an inverted `present`. As in Envoy 1.40. */
export interface HeaderMatch {
  readonly name: string; // lower case
  readonly test: TextMatch | { readonly kind: "present" } | { readonly kind: "range"; readonly from: number; readonly to: number }; // from ≤ n < to
  readonly isInverted: boolean;
}

/** The first value of a parameter, not decoded. As in Envoy's QueryParameterMatcher. */
export interface QueryMatch {
  readonly name: string;
  readonly test: TextMatch | { readonly kind: "present" };
}

/** Where a route's requests go. */
export type RouteTarget = Destination | SplitTarget | HeaderTarget | RedirectTarget | DirectTarget;

/** A pool, of which the customer is dealt a shard; or one cluster, with its output ready made. */
export type Destination =
  | { readonly kind: "pool"; readonly pool: string }
  | { readonly kind: "cluster"; readonly cluster: string; readonly output: Output };

/** A share of the customers each, always the same ones. */
export interface SplitTarget {
  readonly kind: "split";
  readonly parts: readonly { readonly weight: number; readonly to: Destination }[]; // at least one weight above 0
}

/** The cluster that a request header names. */
export interface HeaderTarget {
  readonly kind: "header";
  readonly header: string; // lower case
  readonly allowed: ReadonlyMap<string, Output> | undefined; // by value, for a header that clients send; undefined: the route itself sets it
}

export interface RedirectTarget {
  readonly kind: "redirect";
  readonly status: 301 | 302 | 303 | 307 | 308;
  readonly scheme: "http" | "https" | undefined; // undefined: as it was, likewise below
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly path: Template | undefined;
  readonly stripsQuery: boolean;
}

export interface DirectTarget {
  readonly kind: "direct_response";
  readonly status: number; // 200…599
  readonly body: Uint8Array | undefined;
}

/** One header that a route sets, adds or removes. */
export interface HeaderChange {
  readonly kind: "set" | "add" | "remove";
  readonly name: string; // lower case
  readonly value: Template; // nothing when it is removed
}

/** Text with variables in it: in turn literal text (byte string) and a variable's name. */
export interface Template {
  readonly parts: readonly ({ readonly text: string } | { readonly variable: string })[];
}

/** Where a region comes from, and what may become of it. */
export interface RegionRules {
  readonly discovery: DiscoveryRules;
  readonly header: string; // lower case; it says the region
  readonly allowed: readonly string[]; // byte strings; no other value ever stands in the header
  readonly fallback: string | undefined; // one of `allowed`, when there is none or it cannot be found out; undefined: refused (503)
}

/** A key, and who knows its region. */
export interface DiscoveryRules {
  readonly name: string;
  readonly key: DiscoveryKey;
  readonly source: DiscoveryTable | AskedSource;
}

/** What is looked up: the authority without its port, in lower case; the customer; or a request header. */
export type DiscoveryKey = { readonly kind: "host" | "customer" } | { readonly kind: "header"; readonly header: string };

/** A fixed table in the file. */
export interface DiscoveryTable {
  readonly kind: "table";
  readonly table: ReadonlyMap<string, string>; // key → region, byte strings
}

/** A source that has to be asked, and may not answer. */
export type AskedSource = DiscoveryService | DiscoveryStore;

/** An HTTP service: GET `url`, a JSON object back. */
export interface DiscoveryService extends AskRules {
  readonly kind: "service";
  readonly url: { readonly before: string; readonly after: string }; // the key, percent-encoded, in between
  readonly field: readonly string[]; // path into the object
}

/** A table in the store: the hash `riffle:region:<discovery>`, key → region. */
export interface DiscoveryStore extends AskRules {
  readonly kind: "store";
  readonly redis: RedisRules;
}

/** How a source is asked, and for how long its word holds. */
export interface AskRules {
  readonly ttlMs: number; // for so long an answer is fresh
  readonly staleMs: number; // and for so long after that it is served while it is asked for again
  readonly negativeTtlMs: number; // for so long "no region" is remembered
  readonly timeoutMs: number; // a request waits no longer, retry included
  readonly maxEntries: number;
}

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
