import type { Headers } from "../exchange.ts";
import type { Route, VirtualHost } from "../route-rules.ts";
import type { Rules } from "../rules.ts";
import { finish, type Steps } from "../steps.ts";
import { Asked } from "./asked.ts";
import { HostTable } from "./hosts.ts";
import { Candidates } from "./path-tree.ts";
import { type PassedOver, RouteTable } from "./route-table.ts";

/** Which route a request has, and why those before it are not the one. */
export interface RouteTrace {
  readonly host: string | undefined; // as written in the chosen virtual host; undefined: none is meant for this authority
  readonly passedOver: readonly PassedOver[]; // in file order; none for a path that does not begin with /: it has no route
  readonly route: Route | undefined; // the first that matches
}

/** Finds the route of a request: the virtual host of its authority, then the first route that matches, in file order. Immutable. */
export class Router {
  readonly #hosts: HostTable<RouteTable>;
  readonly #asked: Asked;
  readonly #candidates = new Candidates();

  /** `customer`: where a request's customer stands. */
  constructor(hosts: HostTable<RouteTable>, customer: Rules["customer"]) {
    this.#hosts = hosts;
    this.#asked = new Asked(customer);
  }

  /** The route for these request headers; undefined when none is meant for them. */
  find(headers: Headers): Route | undefined {
    const path = headers.get(":path");
    const table = this.#hosts.find(headers.get(":authority") ?? "")?.value;
    if (!isRoutable(path) || table === undefined) return undefined;
    this.#asked.begin(headers, path);
    const route = table.find(this.#asked, this.#candidates);
    this.#asked.finish();
    return route;
  }

  /** The same choice by trying one route after the other, with the reasons. */
  trace(headers: Headers): RouteTrace {
    const path = headers.get(":path");
    const host = this.#hosts.find(headers.get(":authority") ?? "");
    if (host === undefined || !isRoutable(path)) return { host: host?.pattern, passedOver: [], route: undefined };
    this.#asked.begin(headers, path);
    const traced = host.value.trace(this.#asked);
    this.#asked.finish();
    return { host: host.pattern, ...traced };
  }
}

/** Envoy has no route for `*` of OPTIONS, nor for a CONNECT without a path (404 before its routes are looked at). */
const isRoutable = (path: string | undefined): path is string => path?.charCodeAt(0) === SLASH;

const SLASH = 0x2f;

/** `customer`: where a request's customer stands, for routes of a share of them. Each step takes far less than 1 ms. */
export function* compileRouter(virtualHosts: readonly VirtualHost[], customer: Rules["customer"]): Steps<Router> {
  const hosts = new HostTable<RouteTable>();
  for (const virtualHost of virtualHosts) {
    const table = yield* RouteTable.compile(virtualHost.routes);
    for (const host of virtualHost.hosts) {
      hosts.add(host, table);
      yield;
    }
  }
  return new Router(hosts, customer);
}

/** The same at once. */
export const createRouter = (virtualHosts: readonly VirtualHost[], customer: Rules["customer"]): Router =>
  finish(compileRouter(virtualHosts, customer));
