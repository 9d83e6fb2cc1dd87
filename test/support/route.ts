import type { PathMatch, Route, RouteMatch } from "../../src/core/route-rules.ts";

/** A match by path alone, with what a test changes. */
export const matchOf = (path: PathMatch, change: Partial<RouteMatch> = {}): RouteMatch => ({
  path,
  methods: [],
  headers: [],
  query: [],
  basisPoints: 10_000,
  ...change,
});

export const prefix = (text: string): RouteMatch => matchOf({ kind: "prefix", prefix: text });

/** A route of everything to the pool `backends`, with what a test changes. */
export const routeOf = (change: Partial<Route> = {}): Route => ({
  name: "test#0",
  match: prefix("/"),
  target: { kind: "pool", pool: "backends" },
  region: undefined,
  request: [],
  response: [],
  hasStats: false,
  onError: "deny",
  ...change,
});
