import type { Headers } from "../exchange.ts";
import type { Route, VirtualHost } from "../rules.ts";
import { HostTable } from "./hosts.ts";
import { withoutQuery } from "./path.ts";

/** Finds the route of a request: the virtual host of its authority, then the first route that matches, in file order. */
export class Router {
  readonly #hosts: HostTable;

  constructor(virtualHosts: readonly VirtualHost[]) {
    this.#hosts = new HostTable(virtualHosts);
  }

  /** The route for these request headers (`:authority`, `:path`); undefined when none is meant for them. */
  find(headers: Headers): Route | undefined {
    const path = withoutQuery(headers.get(":path") ?? "");
    return this.#hosts
      .find(headers.get(":authority") ?? "")
      ?.routes.find(({ match }) => match.path.kind === "prefix" && path.startsWith(match.path.prefix));
  }
}
