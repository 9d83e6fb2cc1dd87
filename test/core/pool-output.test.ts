import { describe, expect, test } from "vitest";
import { Pool } from "../../src/core/pool.ts";
import type { PoolOutput } from "../../src/core/rules.ts";
import { rulesOf } from "../support/rules.ts";

function poolOf(output: Record<string, string>, count = 3): Pool {
  const targets = Array.from({ length: count }, (_, index) => ({
    id: `t${index}`,
    address: index === 2 ? "[2001:db8::2]:80" : `10.0.0.${index}:80`,
  }));
  const rules = rulesOf({ pools: { p: { targets, output } } }).pools.get("p");
  if (rules === undefined) throw new Error("no pool");
  return new Pool(rules);
}

const kinds: readonly PoolOutput["kind"][] = ["cluster_header", "override_host", "metadata"];
const NAMES = { cluster_header: "x-to", override_host: "x-riffle-hosts", metadata: "envoy.lb" };
const toPool = { name: "x-target-cluster", value: "p" };

describe("an order is told", () => {
  const order = [2, 0];

  test("as its first target's cluster, in the same object each time", () => {
    const { outputs, ...pool } = poolOf({ cluster_header: "x-to" });
    const targets = order.map((place) => pool.targets[place]).filter((target) => target !== undefined);
    expect(outputs.to(targets)).toEqual({ edits: [{ name: "x-to", value: "t2" }] });
    expect(outputs.to(targets)).toBe(outputs.to(targets.slice(0, 1)));
  });

  test("as a header of its hosts, first choice first, with the pool as their cluster", () => {
    const pool = poolOf({ override_host: "x-riffle-hosts" });
    expect(pool.outputs.to(pool.at(order))).toEqual({
      edits: [toPool, { name: "x-riffle-hosts", value: "[2001:db8::2]:80,10.0.0.0:80" }],
    });
  });

  test("as metadata: its hosts, and the first one's id for subsets", () => {
    const pool = poolOf({ metadata: "envoy.lb" });
    expect(pool.outputs.to(pool.at(order))).toEqual({
      edits: [toPool],
      metadata: [
        { namespace: "envoy.lb", key: "x-riffle-hosts", value: "[2001:db8::2]:80,10.0.0.0:80" },
        { namespace: "envoy.lb", key: "riffle_target", value: "t2" },
      ],
    });
  });
});

test.each(kinds)("%s says whether Envoy is told more than the first", (kind) => {
  expect(poolOf({ [kind]: NAMES[kind] }).outputs.tellsOrder).toBe(kind !== "cluster_header");
});

test("of a shard of any size at most 32 hosts are told, so that no request grows beyond what Envoy lets through", () => {
  const pool = poolOf({ override_host: "x-hosts" }, 40);
  const [, list] = pool.outputs.to(pool.targets).edits ?? [];
  expect(list?.value?.split(",")).toHaveLength(32);
  expect(list?.value).toMatch(/^10\.0\.0\.0:80,10\.0\.0\.1:80,/);
});
