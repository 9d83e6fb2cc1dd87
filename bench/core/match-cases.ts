import { compileRouter, createRouter, type Router } from "../../src/core/match/routes.ts";
import type { VirtualHost } from "../../src/core/route-rules.ts";
import type { Rules } from "../../src/core/rules.ts";
import { type Case, caseOver } from "./case.ts";
import { hostNames, mixedRoutes, oneVirtualHost, requestsOf } from "./match-routes.ts";

const CUSTOMER: Rules["customer"] = { from: [{ header: "x-customer-id" }], missing: "pass" };
const HOSTS = 100;

/** From a request's headers to its route, and making the tree that it is found in. */
export const matchCases = (): readonly Case[] => [
  { ...findCase("match, 1,000 mixed routes, 100 hosts", 1_000, 1_000), p99BudgetNs: 5_000 },
  findCase("match, 100 mixed routes, 100 hosts", 100),
  findCase("match, 10,000 mixed routes, 100 hosts", 10_000), // budget: twice the one above
  manyHostsCase(),
  compileCase(),
  longestStepCase(),
];

function findCase(name: string, routes: number, budgetNs?: number): Case {
  let router: Router | undefined;
  const find = caseOver(
    name,
    requestsOf(routes, HOSTS),
    (headers) => {
      router ??= createRouter(oneVirtualHost(routes, HOSTS), CUSTOMER);
      return router.find(headers) === undefined ? 0 : 1;
    },
    budgetNs,
  );
  return { ...find, release: () => (router = undefined) };
}

/** A thousand routes for each host, so that the next request finds none of the last one's tree in the processor's caches. */
function manyHostsCase(): Case {
  let router: Router | undefined;
  const open = (): Router =>
    createRouter(
      hostNames(HOSTS).map((host): VirtualHost => ({ hosts: [host], routes: mixedRoutes(1_000) })),
      CUSTOMER,
    );
  const find = caseOver("match, 100 virtual hosts of 1,000 routes", requestsOf(1_000, HOSTS), (headers) => {
    router ??= open();
    return router.find(headers) === undefined ? 0 : 1;
  });
  return { ...find, release: () => (router = undefined) };
}

function compileCase(): Case {
  const virtualHosts = oneVirtualHost(10_000, HOSTS);
  return caseOver("compile 10,000 mixed routes", [virtualHosts], (all) => (createRouter(all, CUSTOMER) === undefined ? 0 : 1), 3e9);
}

/** No step may hold requests up for longer than 2 ms. */
function longestStepCase(): Case {
  const virtualHosts = oneVirtualHost(10_000, HOSTS);
  return { name: "longest step of compiling them", budgetNs: 2e6, run: () => 1, measure: () => longestStepNs(virtualHosts) };
}

/** Of each step the shortest of some rounds: what the machine or the collector does meanwhile hits another step each time. */
function longestStepNs(virtualHosts: readonly VirtualHost[]): number {
  const shortest: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const steps = compileRouter(virtualHosts, CUSTOMER);
    let before = performance.now();
    for (let step = 0; !steps.next().done; step++) {
      const now = performance.now();
      shortest[step] = Math.min(shortest[step] ?? Number.POSITIVE_INFINITY, now - before);
      before = now;
    }
  }
  return shortest.reduce((longest, ms) => Math.max(longest, ms), 0) * 1e6;
}

const ROUNDS = 5;
