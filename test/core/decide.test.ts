import { describe, expect, test } from "vitest";
import { type Decision, decide, type Oracle, type Policy } from "../../src/core/decide.ts";
import { requestPolicies } from "../../src/core/policies.ts";
import { Pool } from "../../src/core/pool.ts";
import type { PoolRules } from "../../src/core/rules.ts";
import { adjust, answer, ask, pass } from "../../src/core/verdict.ts";
import { bare, exchange, late } from "../support/exchange.ts";
import { eight, rulesOf, snapshotOf } from "../support/rules.ts";

const snapshot = snapshotOf({ pools: { backends: eight } });
const pool = new Pool(rulesOf({ pools: { p: eight } }).pools.get("p") as PoolRules);
const request = { ":authority": "a.example", ":path": "/", "x-customer-id": "acme" };

const silent: Policy = function silent() {
  return pass;
};
const sets: Policy = function sets() {
  return adjust({ edits: [{ name: "a", value: "1" }], metadata: [{ namespace: "n", key: "k", value: 1 }], known: { customer: "acme" } });
};
const refuses: Policy = function refuses() {
  return answer(403, "not today");
};
const asks: Policy = function asks() {
  return ask("live", { pool }, (live) =>
    ask("live", { pool }, () => adjust({ edits: [{ name: "b", value: String(live.isEjected(0, 0)) }], wants: { responseHeaders: true } })),
  );
};
const breaks: Policy = function breaks() {
  throw new Error("a bug");
};
const breaksLater: Policy = function breaksLater() {
  return ask("live", { pool }, () => {
    throw new Error("a bug in next");
  });
};

const run = async (policies: readonly Policy[], oracle: Oracle): Promise<Decision> => decide(policies, exchange(request), snapshot, oracle);

describe.each([
  ["bare", bare()],
  ["late", late()],
])("with %s facts", (_, oracle) => {
  test.each([
    { name: "no policy says go on", policies: [], steps: [], edits: 0, status: undefined },
    {
      name: "every policy is asked in order",
      policies: [silent, sets, asks],
      steps: ["silent", "sets", "asks"],
      edits: 2,
      status: undefined,
    },
    { name: "the first refusal ends the list", policies: [sets, refuses, breaks], steps: ["sets", "refuses"], edits: 1, status: 403 },
    { name: "a refusal after a question ends it too", policies: [asks, refuses, sets], steps: ["asks", "refuses"], edits: 1, status: 403 },
  ])("$name", async ({ policies, steps, edits, status }) => {
    const decision = await run(policies, oracle);
    expect(decision.steps.map(({ policy }) => policy)).toEqual(steps);
    expect(decision.edits).toHaveLength(edits);
    expect(decision.answer?.status).toBe(status);
    expect(decision.broken).toBeUndefined();
  });

  test("what one policy finds out the next one knows, and the decision keeps all of it", async () => {
    const decision = await run([sets, asks], oracle);
    expect(decision.exchange.known).toEqual({ customer: "acme" });
    expect(decision.edits).toEqual([
      { name: "a", value: "1" },
      { name: "b", value: "false" },
    ]);
    expect(decision.metadata).toEqual([{ namespace: "n", key: "k", value: 1 }]);
    expect(decision.wants).toEqual({ responseHeaders: true });
  });

  test.each([breaks, breaksLater])("$name: what a policy throws stands in the decision, with all that was known before", async (broken) => {
    const decision = await run([sets, broken, refuses], oracle);
    expect(decision.broken?.policy).toBe(broken.name);
    expect(String(decision.broken?.cause)).toMatch(/a bug/);
    expect(decision.exchange.known).toEqual({ customer: "acme" });
    expect(decision.answer).toBeUndefined();
  });

  test("each of the real policies may break: the decision says which, and never throws", async () => {
    for (const [index, policy] of requestPolicies.entries()) {
      const broken: Policy = Object.defineProperty(() => breaks(exchange({}), snapshot), "name", { value: policy.name });
      const decision = await run(requestPolicies.with(index, broken), oracle);
      expect(decision.broken?.policy).toBe(policy.name);
      expect(decision.steps).toHaveLength(index);
    }
  });
});

test("a request that asks for live facts alone is decided in the same tick", () => {
  expect(decide(requestPolicies, exchange(request), snapshot, bare())).not.toBeInstanceOf(Promise);
});

test("an oracle that throws or rejects breaks the asking policy, not the caller", async () => {
  const throws: Oracle = () => {
    throw new Error("no store");
  };
  const rejects: Oracle = () => Promise.reject(new Error("no store"));
  for (const oracle of [throws, rejects]) expect((await run([asks, sets], oracle)).broken?.policy).toBe("asks");
});

test("an exchange ends with the snapshot it began with", async () => {
  const seen: unknown[] = [];
  const looks: Policy = function looks(_, current) {
    seen.push(current);
    return ask("live", { pool }, () => pass);
  };
  const decision = await decide([looks, looks], exchange(request), snapshot, late());
  expect(seen).toEqual([snapshot, snapshot]);
  expect(decision.snapshot).toBe(snapshot);
});
