import { describe, expect, test } from "vitest";
import { requestPolicies, responsePolicies } from "../../src/core/policies.ts";
import { bare } from "../support/exchange.ts";
import { eight, snapshotOf } from "../support/rules.ts";
import { type Lines, requestHeaders } from "../wire/messages.ts";
import { openSide } from "./side.ts";

const snapshot = snapshotOf({ pools: { backends: eight } });
const shardOf = (customer: string): readonly string[] =>
  snapshot.pools
    .get("backends")
    ?.shardOf(customer)
    .map(({ id }) => id) ?? [];

/** What riffle, with the real policies, says to a request with these headers. */
function ask(...lines: Lines) {
  const { stream, replies, reported } = openSide({ policies: requestPolicies, responsePolicies, snapshot, oracle: bare() });
  stream.message(requestHeaders([[":authority", "a.example"], [":path", "/"], ...lines]));
  expect(reported).toEqual([]);
  expect(replies()).toHaveLength(1);
  return replies()[0];
}

describe("whatever the client sends, it is answered once", () => {
  test.each<[string, Lines]>([
    ["200 headers", Array.from({ length: 200 }, (_, index) => [`x-${index}`, "v"] as const)],
    ["a header value of 1 MiB", [["x-long", "v".repeat(2 ** 20)]]],
    ["values that are no UTF-8", [["x-a", "\xff\xfe\x00\x01"]]],
    [
      "names that are names elsewhere",
      [
        ["__proto__", "a"],
        ["constructor", "b"],
        ["toString", "c"],
      ],
    ],
    ["empty names and values", [["", ""]]],
    [
      "pseudo-headers twice",
      [
        [":path", "/other"],
        [":authority", "b.example"],
      ],
    ],
  ])("%s", (_, lines) => {
    const reply = ask(["x-customer-id", "acme"], ...lines);
    expect(reply).toMatchObject({ phase: "requestHeaders", removed: [], clearsRouteCache: true });
    expect(shardOf("acme").map((id) => `x-target-cluster: ${id}`)).toContain(reply?.set[0]);
  });

  test.each([
    ["of 64 KiB", "x".repeat(65_536), "riffle_customer_id_too_long"],
    ["of 257 bytes that are 129 characters of text", `${"\xc3\xa9".repeat(128)}x`, "riffle_customer_id_too_long"],
    ["that is empty", "", "riffle_no_customer"],
  ])("a customer %s is refused with 400 and nothing else", (_, customer, details) => {
    expect(ask(["x-customer-id", customer])).toMatchObject({ phase: "immediateResponse", status: 400, details, set: [], body: "" });
  });

  test.each(["\xff", "\xfe", "\x80\x81", "caf\xe9", "\xe9\xa1\xa7"])(
    "the customer %j is dealt its shard by the bytes received",
    (customer) => {
      expect(shardOf(customer).map((id) => `x-target-cluster: ${id}`)).toContain(ask(["x-customer-id", customer])?.set[0]);
    },
  );

  test("customers that a decoder would make one are two", () => {
    const shards = new Set(Array.from({ length: 64 }, (_, index) => shardOf(String.fromCharCode(0xc0 + index)).join()));
    expect(shards.size).toBeGreaterThan(10);
  });

  test("control headers as any gRPC client may write them are removed as they came", () => {
    const reply = ask(["x-customer-id", "acme"], ["X-Target-Cluster", "evil"], ["x_target_cluster", "evil"], ["x-riffle-a", "b"]);
    expect(reply?.removed).toEqual(["x_target_cluster", "x-riffle-a"]);
    expect(reply?.set).toHaveLength(1);
  });
});
