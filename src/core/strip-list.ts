import type { Name, NameTest } from "./exchange.ts";
import type { Route } from "./route-rules.ts";
import { DEFAULT_CLUSTER_HEADER, type Rules } from "./rules.ts";

/** Request headers that no client may bring along, in lower case. */
export interface StripList {
  readonly names: readonly string[];
  readonly prefixes: readonly string[]; // every name that begins so
  readonly lookalikesOf: readonly string[]; // what the customer is read from: it may come, its look-alikes may not
}

const CUSTOMER_HEADER = "x-customer-id";

/** What others trust when a proxy wrote it: paths and methods that replace the real ones, certificates, regions (HS1). */
const ALWAYS = [
  DEFAULT_CLUSTER_HEADER,
  "region",
  "x-original-url",
  "x-rewrite-url",
  "x-http-method-override",
  "x-forwarded-client-cert",
  "client-cert",
  "client-cert-chain",
  "x-envoy-original-path",
];
const PREFIXES = ["x-riffle-", "x-shard-", "x-envoy-auth-", "x-ssl-client-"];

/**
 * The one list that both the `strip` policy and the generated Envoy configuration remove (identity rules HS1, HS4, HS9): every
 * output header in use, and what is never a client's to say. `x-customer-id` stays out where the customer is read from it,
 * unless a pool writes its cluster there.
 */
export function stripList(rules: Pick<Rules, "pools" | "customer" | "virtualHosts">): StripList {
  const names = new Set([...rules.pools.values()].flatMap(({ output }) => (output.kind === "metadata" ? [] : [output.header])));
  for (const { routes } of rules.virtualHosts) for (const route of routes) for (const name of written(route)) names.add(name);
  const sources = rules.customer.from.map((source) => source.header);
  if (!sources.includes(CUSTOMER_HEADER)) names.add(CUSTOMER_HEADER);
  for (const name of ALWAYS) names.add(name);
  return { names: [...names], prefixes: PREFIXES, lookalikesOf: sources };
}

/** The request headers that a route gives a value, and that upstreams or Envoy may take for riffle's word. */
const written = ({ region, request, target }: Route): readonly string[] => [
  ...(region === undefined ? [] : [region.header]),
  ...(target.kind === "header" && target.allowed === undefined ? [target.header] : []),
  ...request.filter(({ kind, name }) => kind === "set" && !isClients(name)).map(({ name }) => name),
];

/**
 * Whether a header (lower case) is the client's to send wherever a route does not replace it: HTTP's own, that ask for something or
 * describe a body. Were they stripped for one route that sets them, no other route would see an Accept, a Cookie or a token any more.
 */
export const isClients = (name: string): boolean => CLIENTS.has(name) || /^(?:accept|content|if|sec)-/.test(name);

const CLIENTS: ReadonlySet<string> = new Set([
  "accept",
  "authorization",
  "cache-control",
  "cookie",
  "date",
  "dnt",
  "expect",
  "origin",
  "pragma",
  "prefer",
  "priority",
  "range",
  "referer",
  "user-agent",
]);

/**
 * A test for whether a header, by its name as received, has to go: in any letter case, and with `_` for `-` (HS2), which many
 * frameworks behind Envoy take for the same. Made for the hot path: most names cost one look-up.
 */
export function createStripTest(list: StripList): NameTest {
  const entries: readonly Entry[] = [
    ...list.names.map((name) => ({ text: foldAll(name), isPrefix: false, maySpare: false })),
    ...list.prefixes.map((prefix) => ({ text: foldAll(prefix), isPrefix: true, maySpare: false })),
    ...list.lookalikesOf.map((name) => ({ text: foldAll(name), isPrefix: false, maySpare: true })),
  ];
  const grouped = Map.groupBy(entries, ({ text }) => keyOf(text));
  const byKey = Array.from({ length: KEYS }, (_, key) => grouped.get(key)); // a Map would take most of the test's time
  return (name) => {
    const candidates = byKey[keyOf(name)];
    if (candidates === undefined) return false;
    for (const { text, isPrefix, maySpare } of candidates) {
      if (maySpare && isOneOf(list.lookalikesOf, name)) return false; // entries that spare nothing come before
      if ((isPrefix || text.length === name.length) && beginsWith(name, text)) return true;
    }
    return false;
  };
}

interface Entry {
  readonly text: string; // folded
  readonly isPrefix: boolean;
  readonly maySpare: boolean; // the name itself stays, its look-alikes go
}

/** Whether one name is on the list; for one look, where `createStripTest` is for many. */
export const isStripped = (list: StripList, name: string): boolean => createStripTest(list)(name);

/**
 * Whether an ext_proc reply may remove this header. Envoy refuses to touch `x-envoy-*` there by default, and counts it as a
 * rejected mutation (seen on 1.40); those the early header mutation of the generated configuration removes alone.
 */
export const removableByReply = (name: string): boolean => !name.startsWith("x-envoy-");

/** Five bits each of the first and the third letter, for many names begin with `x-`. Bit operators make 0 of one that is not there. */
const keyOf = (name: Name): number => (fold(name.charCodeAt(0)) & 31) | ((fold(name.charCodeAt(2)) & 31) << 5);
const KEYS = 1024;

/** `text` is folded. Compared from the end: entries differ there, and begin alike. */
function beginsWith(name: Name, text: string): boolean {
  if (name.length < text.length) return false;
  for (let i = text.length - 1; i >= 0; i--) if (fold(name.charCodeAt(i)) !== text.charCodeAt(i)) return false;
  return true;
}

/** In any letter case; the texts are in lower case. */
function isOneOf(texts: readonly string[], name: Name): boolean {
  for (const text of texts) if (text.length === name.length && equals(name, text)) return true;
  return false;
}

function equals(name: Name, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (lower(name.charCodeAt(i)) !== text.charCodeAt(i)) return false;
  return true;
}

const foldAll = (text: string): string => text.toLowerCase().replaceAll("_", "-");

/** The same of one character code: capital letter → small letter, `_` → `-`. */
const fold = (code: number): number => (code === 0x5f ? 0x2d : lower(code));

const lower = (code: number): number => (code >= 0x41 && code <= 0x5a ? code + 0x20 : code);
