import type { Decision } from "../core/decide.ts";
import type { Known } from "../core/exchange.ts";
import type { Observer, Outcome } from "../core/observer.ts";
import type { Route, VirtualHost } from "../core/route-rules.ts";
import { mapInSteps, type Steps } from "../core/steps.ts";
import { Latencies } from "./latencies.ts";

/** What one instance counted of a route since it started, or since the route came. */
export interface RouteNumbers {
  readonly name: string; // "" for requests without a route
  readonly requests: number;
  readonly answers: ReadonlyMap<string, number>; // by why: refusals, redirects and direct responses
  readonly active: number; // let through and not yet answered, where responses are looked at; likewise below
  readonly statuses: ReadonlyMap<number, number>; // of responses
  readonly latencies: Latencies | undefined; // from riffle's reply to the response's headers; undefined: none yet
}

/**
 * Counts what becomes of requests, by route. In memory alone; known by the route's name, so that a reload leaves the numbers of routes
 * that stay. Bounded by the routes there are: reasons and statuses are a closed set.
 */
export class RouteCounts implements Observer {
  #byName: ReadonlyMap<string, Counts> = new Map(); // of the snapshot in force
  readonly #byRoute = new WeakMap<Route, Counts>(); // exchanges go on with the route they began with
  readonly #unrouted = new Counts("");

  /** To be told of every snapshot's routes before it comes into force. Routes that it has not are forgotten. In steps: they may be many. */
  *follow(virtualHosts: readonly VirtualHost[]): Steps<void> {
    const next = new Map<string, Counts>();
    for (const { routes } of virtualHosts) {
      yield* mapInSteps(routes, (route) => {
        const counts = this.#byName.get(route.name) ?? new Counts(route.name);
        next.set(route.name, counts);
        this.#byRoute.set(route, counts);
      });
    }
    this.#byName = next;
  }

  /** Of every route, in the file's order, and of the requests without one. */
  get all(): readonly RouteNumbers[] {
    return [...this.#byName.values(), this.#unrouted];
  }

  decided({ exchange, answer }: Decision): void {
    const counts = this.#countsOf(exchange.known);
    counts.requests++;
    if (answer !== undefined) increase(counts.answers, answer.why);
  }

  begin(known: Known): void {
    this.#countsOf(known).active++;
  }

  end(known: Known): void {
    this.#countsOf(known).active--;
  }

  respond(known: Known, { status, tookMs }: Outcome): void {
    const counts = this.#countsOf(known);
    increase(counts.statuses, status);
    counts.latencies ??= new Latencies();
    counts.latencies.record(tookMs);
  }

  #countsOf({ route }: Known): Counts {
    return (route && this.#byRoute.get(route)) ?? this.#unrouted;
  }
}

class Counts implements RouteNumbers {
  readonly name: string;
  requests = 0;
  readonly answers = new Map<string, number>();
  active = 0;
  readonly statuses = new Map<number, number>();
  latencies: Latencies | undefined;

  constructor(name: string) {
    this.name = name;
  }
}

function increase<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
