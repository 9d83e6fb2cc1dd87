import type { Pool, Target } from "./pool.ts";
import type { Route } from "./route-rules.ts";

/** The headers of one message as received: names in lower case, values as byte strings (core/bytes.ts). */
export interface Headers {
  /** The first line of this name, which is given in lower case; undefined when there is none. */
  get(name: string): string | undefined;
  /** Every line of this name, in order. */
  all(name: string): readonly string[];
  /** The name of every line, or of every one that passes the test, in order; a repeated header shows as often as it came. */
  names(isWanted?: NameTest): readonly string[];
}

/** A test made for names of any letter case. It must not keep the name: the same object may stand for the next one. */
export type NameTest = (name: Name) => boolean;

/** A name as received, to be looked at char by char (one a byte): a string, or bytes of which nobody has made one. */
export interface Name {
  readonly length: number;
  charCodeAt(index: number): number; // NaN where there is none
}

/** What earlier policies found out: route, identity, region, shard; nothing else grows here. */
export interface Known {
  readonly route?: Route | undefined;
  readonly customer?: string | undefined; // byte string
  readonly region?: string | undefined; // byte string; one of those that the route allows
  readonly pool?: string | undefined; // where the exchange is dealt a shard, once it has a customer
  readonly picked?: Picked | undefined;
}

/** Where an exchange goes. */
export interface Picked {
  readonly pool: Pool;
  /** Of the shard, or of what it spills to: first the one that serves, then those that a retry takes, in order; at least one. */
  readonly order: readonly Target[];
  readonly isSpilled: boolean; // all of the shard is down, and these are none of it
}

/** One HTTP request with its response as Envoy shows it. */
export interface Exchange {
  readonly headers: Headers;
  readonly known: Known;
  readonly sourceIp?: string | undefined; // of the client as Envoy knows it, where Envoy says so (attribute source.address)
  readonly atMs: number; // wall clock, ms since 1970; read once, by the caller
  readonly chance: number; // uint32, drawn once; every random choice in core derives from it
}

/** The exchange with more known about it. Field by field, which is several times as fast as spreading. */
export const learn = ({ headers, known, sourceIp, atMs, chance }: Exchange, more: Known): Exchange => ({
  headers,
  known: merge(known, more),
  sourceIp,
  atMs,
  chance,
});

/** Every field of `Known` by name: one that is left out does not compile. */
const merge = (known: Known, { route, customer, region, pool, picked }: Known): { readonly [K in keyof Required<Known>]: Known[K] } => ({
  route: route ?? known.route,
  customer: customer ?? known.customer,
  region: region ?? known.region,
  pool: pool ?? known.pool,
  picked: picked ?? known.picked,
});

/** Headers from a list of lines; for messages decoded whole and for requests written by hand (explain, tests). */
export function createHeaders(lines: readonly (readonly [name: string, value: string])[]): Headers {
  return {
    get: (name) => lines.find((line) => line[0] === name)?.[1],
    all: (name) => lines.filter((line) => line[0] === name).map((line) => line[1]),
    names: (isWanted = isAny) => lines.map((line) => line[0]).filter(isWanted),
  };
}

const isAny = (): boolean => true;
