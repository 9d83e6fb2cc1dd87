import { expect, test } from "vitest";
import { createPlan } from "../../../src/core/simulate/plan.ts";
import { Sample } from "../../../src/core/simulate/sample.ts";
import { requestOf } from "./requests.ts";

const samplePlan = (count: number) => createPlan(requestOf({ customers: { count, name: String, demand: undefined } }));

test.each([2, 3000, 200_000, 650_001])("of %i customers as many as fit are kept, at even distances, each with its own shard", (count) => {
  const sample = new Sample(samplePlan(count));
  for (let customer = 0; customer < count; customer++) sample.offer(customer, [customer, customer + 1, customer + 2]);
  expect(sample.count).toBe(Math.min(count, 200_000));
  for (const at of [0, 1, sample.count - 1]) {
    const customer = sample.customerOf(at);
    expect([0, 1, 2].map((member) => sample.placeOf(at, member))).toEqual([customer, customer + 1, customer + 2]);
  }
  expect(sample.customerOf(sample.count - 1)).toBeGreaterThan(count * 0.9 - 2);
});
