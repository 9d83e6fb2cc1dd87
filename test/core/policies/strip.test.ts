import { describe, expect, test } from "vitest";
import { strip } from "../../../src/core/policies/strip.ts";
import { exchange } from "../../support/exchange.ts";
import { eight, snapshotOf } from "../../support/rules.ts";

const snapshot = snapshotOf({
  pools: { backends: { ...eight, output: { cluster_header: "x-where" } } },
  customer: { from: [{ header: "x-tenant" }] },
});

const strippedOf = (...names: readonly string[]): readonly string[] => {
  const verdict = strip(exchange(names.map((name) => [name, "evil"])), snapshot);
  return verdict.kind === "adjust" ? (verdict.edits ?? []).map(({ name, value }) => (value === undefined ? name : `${name} set`)) : [];
};

describe("control headers sent by the client never survive", () => {
  test.each([
    ["the header a pool is told by", "x-where"],
    ["the header clusters are told by", "x-target-cluster"],
    ["with underscores", "x_target_cluster"],
    ["with one underscore", "x-target_cluster"],
    ["everything of riffle's own", "x-riffle-anything"],
    ["that too with underscores", "x_riffle_anything"],
    ["a customer header that is no source", "x-customer-id"],
    ["a look-alike of a source", "x_tenant"],
  ])("%s: %s", (_, name) => {
    expect(strippedOf("accept", name, "user-agent")).toEqual([name]);
  });

  test("every one of several", () => {
    expect(strippedOf("x-where", "x_where", "x-where")).toEqual(["x-where", "x_where", "x-where"]);
  });

  test("but for Envoy's own, which a reply cannot remove: the listener does", () => {
    expect(strippedOf("x-envoy-original-path", "x-envoy-auth-user", "x-where")).toEqual(["x-where"]);
  });

  test("and nothing else goes", () => {
    expect(strippedOf(":authority", ":path", "accept", "x-tenant", "x-wherever", "x-target-cluster-2", "region-of-birth")).toEqual([]);
  });
});
