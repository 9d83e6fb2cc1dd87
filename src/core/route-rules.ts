import type { Output } from "./output.ts";
import type { RedisRules } from "./rules.ts";

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

/** Whether a route's responses are looked at whatever its pool is. */
export const looksAtRoute = ({ response, hasStats }: Pick<Route, "response" | "hasStats">): boolean => hasStats || response.length > 0;
