/** How many hosts the rules have, and routes in all. */
export const HOSTS = 100;
export const ROUTES = 1_000;

const KINDS = 5;
const SETS = ROUTES / KINDS - 1; // the last five routes are written out

const numbered = <T>(count: number, make: (index: number) => T): readonly T[] => Array.from({ length: count }, (_, index) => make(index));

/** Hosts by number, as requests name them; the last host of all is `*`. */
export const hostOf = (index: number): string => `shop-${index % (HOSTS - 1)}.example.com`;

/** One virtual host with all hosts and mixed routes, most of them to the pool. What the bench's requests ask for comes late. */
export const virtualHosts = (pool: string): readonly unknown[] => [
  {
    hosts: [...numbered(HOSTS - 1, hostOf), "*"],
    routes: [
      ...numbered(SETS, (index) => setOf(index)).flat(),
      { match: { path: "/health" } },
      { match: { prefix: "/orders/", methods: ["POST", "PUT"] } },
      { match: { prefix: "/orders/", headers: [{ name: "x-canary", present: true }] } },
      { match: { prefix: "/orders/" } },
      { match: { prefix: "/" } },
    ].map((route) => ({ ...route, target: { pool } })),
  },
];

const setOf = (index: number): readonly object[] => [
  { match: { path: `/pages/page-${index}` } },
  { match: { prefix: `/api/v1/service-${index}/`, methods: ["GET"] } },
  { match: { path_separated_prefix: `/orders/special-${index}` } },
  { match: { template: `/tenants-${index}/{id}/{rest=**}`, query: [{ name: "page", present: true }] } },
  { match: { regex: `/things-${index}/[0-9]+(/.*)?` } },
];

/** What the bench's requests ask for, in turn: a late prefix, and one route of each kind. */
export const pathOf = (index: number): string => PATHS[index % PATHS.length]?.(index % SETS) ?? "/";

const PATHS: readonly ((set: number) => string)[] = [
  (set) => `/orders/47${set}?page=2`,
  (set) => `/api/v1/service-${set}/items?page=2`,
  (set) => `/orders/special-${set}/lines?page=2`,
  (set) => `/tenants-${set}/4711/orders?page=2`,
  (set) => `/things-${set}/4711/parts?page=2`,
];
