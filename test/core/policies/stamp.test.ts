import { describe, expect, test } from "vitest";
import { stamp } from "../../../src/core/policies/stamp.ts";
import type { HeaderChange } from "../../../src/core/route-rules.ts";
import type { Snapshot } from "../../../src/core/snapshot.ts";
import { exchange } from "../../support/exchange.ts";
import { routeOf } from "../../support/route.ts";

const response: readonly HeaderChange[] = [
  { kind: "remove", name: "server", value: { parts: [] } },
  { kind: "set", name: "processed-by", value: { parts: [{ text: "riffle " }, { variable: "region" }] } },
  { kind: "set", name: "x-customer", value: { parts: [{ variable: "customer" }] } },
];
const snapshot = { version: "0123" } as Snapshot;
const verdictFor = (customer: string) => stamp(exchange({}, { route: routeOf({ response }), region: "eu", customer }), snapshot);

describe("the headers that come back", () => {
  test("are changed as the route says, with what the request was decided by", () => {
    expect(verdictFor("acme")).toEqual({
      kind: "adjust",
      edits: [
        { name: "server", value: undefined },
        { name: "processed-by", value: "riffle eu" },
        { name: "x-customer", value: "acme" },
      ],
    });
  });

  test("are never refused: what cannot stand in a header is left out, and nothing else is", () => {
    for (const customer of ["a\r\nb", "x".repeat(20_000)]) {
      expect(verdictFor(customer)).toEqual({
        kind: "adjust",
        edits: [
          { name: "server", value: undefined },
          { name: "processed-by", value: "riffle eu" },
        ],
      });
    }
  });

  test("are left alone where the route says nothing, or there is none", () => {
    expect(stamp(exchange({}, { route: routeOf() }), snapshot)).toEqual({ kind: "pass" });
    expect(stamp(exchange({}), snapshot)).toEqual({ kind: "pass" });
  });
});
