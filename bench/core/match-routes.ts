import { createHeaders, type Headers } from "../../src/core/exchange.ts";
import type { PathMatch, Route, RouteMatch, VirtualHost } from "../../src/core/route-rules.ts";
import { headerLines } from "./sample.ts";

/** One kind of route in the mix, and a path that it takes; both by the number of the route. */
interface Kind {
  readonly match: (n: number) => Partial<RouteMatch> & { readonly path: PathMatch };
  readonly path: (n: number, any: string) => string;
}

const exact = (n: number): PathMatch => ({ kind: "exact", path: `/shop/item-${n}` });

/** What an API's file holds: ten kinds in turn. */
const KINDS: readonly Kind[] = [
  { match: (n) => ({ path: exact(n) }), path: (n) => `/shop/item-${n}` },
  { match: (n) => ({ path: { kind: "prefix", prefix: `/files/${n}/` } }), path: (n, any) => `/files/${n}/${any}/last.css` },
  { match: (n) => ({ path: { kind: "segments", prefix: `/app-${n}` } }), path: (n, any) => `/app-${n}/${any}` },
  { match: (n) => ({ path: { kind: "template", template: `/users/{id}/posts-${n}` } }), path: (n, any) => `/users/${any}/posts-${n}` },
  { match: (n) => ({ path: { kind: "template", template: `/t-${n}/{id}/{rest=**}` } }), path: (n, any) => `/t-${n}/${any}/a/b/c?page=2` },
  { match: (n) => ({ path: { kind: "regex", regex: `/r-${n}/v[0-9]+/.*` } }), path: (n, any) => `/r-${n}/v2/${any}` },
  { match: (n) => ({ path: exact(n), methods: ["POST", "GET"] }), path: (n) => `/shop/item-${n}` },
  {
    match: (n) => ({
      path: { kind: "prefix", prefix: `/h-${n}` },
      headers: [{ name: "accept", test: { kind: "prefix", text: "application/" }, isInverted: false }],
    }),
    path: (n, any) => `/h-${n}/${any}`,
  },
  {
    match: (n) => ({ path: { kind: "prefix", prefix: `/q-${n}` }, query: [{ name: "page", test: { kind: "exact", text: "2" } }] }),
    path: (n, any) => `/q-${n}/${any}?sort=up&page=2`,
  },
  { match: (n) => ({ path: { kind: "prefix", prefix: `/share-${n}` }, basisPoints: 5_000 }), path: (n, any) => `/share-${n}/${any}` },
];

/** So many routes, a tenth of each kind, and one for all the rest. */
export const mixedRoutes = (count: number): readonly Route[] => [
  ...Array.from({ length: count - 1 }, (_, n) => route(`r-${n}`, kindOf(n).match(n))),
  route("rest", { path: { kind: "prefix", prefix: "/" } }),
];

const kindOf = (n: number): Kind => KINDS[n % KINDS.length] as Kind;

const route = (name: string, match: Partial<RouteMatch> & { readonly path: PathMatch }): Route => ({
  name,
  match: { methods: [], headers: [], query: [], basisPoints: 10_000, ...match },
  target: { kind: "pool", pool: "backends" },
  region: undefined,
  request: [],
  response: [],
  hasStats: false,
  onError: "deny",
});

/** Exact hosts, and wildcards of several lengths. */
export const hostNames = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) =>
    n % 4 === 0 ? `*.${"sub.".repeat((n / 4) % 3)}h-${n}.example.com` : n % 4 === 1 ? `api-${n}.*` : `h-${n}.example.com`,
  );

/** A virtual host with all of these routes and hosts. */
export const oneVirtualHost = (routes: number, hosts: number): readonly VirtualHost[] => [
  { hosts: hostNames(hosts), routes: mixedRoutes(routes) },
];

/** Distinct requests, each for another route and host as a rule. */
export function requestsOf(routes: number, hosts: number): readonly Headers[] {
  const names = hostNames(hosts);
  return Array.from({ length: 4_096 }, (_, i) => {
    const n = Math.imul(i, 0x9e3779b1) >>> 0;
    const host = (names[n % hosts] ?? "").replace("*", "www-7");
    const path = kindOf(n % (routes - 1)).path(n % (routes - 1), `x${i}`);
    const lines = headerLines(`customer-${i}`).filter(([name]) => name !== ":authority" && name !== ":path");
    return createHeaders([[":authority", host], [":path", path], ...lines]);
  });
}
