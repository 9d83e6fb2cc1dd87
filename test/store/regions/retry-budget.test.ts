import fc from "fast-check";
import { expect, test } from "vitest";
import { RETRY_FLOOR, RetryBudget } from "../../../src/store/regions/retry-budget.ts";

test("retries are at most a tenth of the calls and a few, in whatever order they come", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 500 }), (steps) => {
      const budget = new RetryBudget();
      let calls = 0;
      let retries = 0;
      for (const isCall of steps) {
        if (isCall) {
          calls++;
          budget.earn();
        } else if (budget.spend()) retries++;
        expect(retries).toBeLessThanOrEqual(RETRY_FLOOR + calls / 10);
      }
    }),
  );
});

test("ten calls pay for the next retry, and no quiet day for more than the few", () => {
  const budget = new RetryBudget();
  for (let call = 0; call < 10_000; call++) budget.earn();
  for (let retry = 0; retry < RETRY_FLOOR; retry++) expect(budget.spend()).toBe(true);
  expect(budget.spend()).toBe(false);
  for (let call = 0; call < 9; call++) budget.earn();
  expect(budget.spend()).toBe(false);
  budget.earn();
  expect(budget.spend()).toBe(true);
});
