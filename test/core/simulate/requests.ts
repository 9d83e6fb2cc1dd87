import { createPlan, type Request } from "../../../src/core/simulate/plan.ts";
import type { Simulation } from "../../../src/core/simulate/result.ts";
import { simulate } from "../../../src/core/simulate/simulate.ts";
import { finish } from "../../../src/core/simulate/steps.ts";

/** `n` targets in turn over so many zones. */
export const targetsOf = (n: number, zones = 1): Request["targets"] =>
  Array.from({ length: n }, (_, i) => ({ id: `t${i}`, zone: `z${i % zones}` }));

export const plainRules = (count: number): Request["rules"] => ({
  size: { kind: "count", count },
  zones: "plain",
  minZones: undefined,
  salt: "s",
});

/** A request with what a test does not care about filled in: 12 targets, three each, 3,000 customers. */
export const requestOf = (request: Partial<Request> = {}): Request => ({
  pool: "backends",
  targets: targetsOf(12),
  rules: plainRules(3),
  customers: { count: 3000, name: (customer) => `customer-${customer}`, demand: undefined },
  changes: [],
  seed: 1,
  ...request,
});

export const simulationOf = (request: Partial<Request> = {}): Simulation => finish(simulate(createPlan(requestOf(request))));
