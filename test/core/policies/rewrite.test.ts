import { describe, expect, test } from "vitest";
import { rewrite } from "../../../src/core/policies/rewrite.ts";
import type { HeaderChange, Route } from "../../../src/core/route-rules.ts";
import type { Snapshot } from "../../../src/core/snapshot.ts";
import { exchange } from "../../support/exchange.ts";
import { routeOf } from "../../support/route.ts";

const set = (name: string, ...parts: HeaderChange["value"]["parts"]): HeaderChange => ({ kind: "set", name, value: { parts } });
const changes = [set("x-a", { text: "1" }), set("x-b", { variable: "customer" }), set("x-c", { variable: "version" })];
const snapshot = { version: "0123" } as Snapshot;
const verdictOn = (change: Partial<Route>, customer = "acme") => rewrite(exchange({}, { route: routeOf(change), customer }), snapshot);

describe("the headers sent on", () => {
  test("are changed as the route says, with what is known by now", () => {
    expect(verdictOn({ request: changes })).toEqual({
      kind: "adjust",
      edits: [
        { name: "x-a", value: "1" },
        { name: "x-b", value: "acme" },
        { name: "x-c", value: "0123" },
      ],
    });
  });

  test("are left alone where the route says nothing, or there is none", () => {
    expect(verdictOn({})).toEqual({ kind: "pass" });
    expect(rewrite(exchange({}), snapshot)).toEqual({ kind: "pass" });
  });

  test.each([
    ["a\r\nx-evil: 1", "control character in a header"],
    ["\0", "control character in a header"],
    ["x".repeat(16_385), "header too long"],
  ])("are not sent with %.20j in them: the request is refused", (customer, why) => {
    expect(verdictOn({ request: changes }, customer)).toEqual({ kind: "answer", status: 400, why });
  });
});

describe("the response is looked at, which costs a round trip,", () => {
  const wants = { responseHeaders: true };
  test.each<[string, Partial<Route>]>([
    ["where its headers are changed", { response: [set("x-a", { text: "1" })] }],
    ["where it is counted", { hasStats: true }],
    ["where the request is changed as well", { hasStats: true, request: changes }],
  ])("%s", (_, change) => {
    expect(verdictOn(change)).toMatchObject({ kind: "adjust", wants });
  });

  test("and nowhere else", () => {
    expect(verdictOn({ request: changes })).not.toHaveProperty("wants", wants);
  });
});
