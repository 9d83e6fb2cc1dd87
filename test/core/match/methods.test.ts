import { expect, test } from "vitest";
import { methodBit, methodMask } from "../../../src/core/match/methods.ts";
import { createRouter } from "../../../src/core/match/routes.ts";
import { exchange } from "../../support/exchange.ts";
import { matchOf, routeOf } from "../../support/route.ts";

const takes = (methods: readonly string[], method: string): boolean => {
  const match = matchOf({ kind: "prefix", prefix: "/" }, { methods });
  const router = createRouter([{ hosts: ["*"], routes: [routeOf({ match })] }], { from: [], missing: "pass" });
  return router.find(exchange({ ":authority": "a", ":path": "/", ":method": method }).headers) !== undefined;
};

test.each(["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "PURGE", "get", ""])(
  "%j is taken where it is listed, and nowhere else",
  (method) => {
    const others = ["GET", "POST", "PURGE", "LINK"].filter((other) => other !== method);
    expect(takes([], method)).toBe(true);
    expect(takes([...others, method], method)).toBe(true);
    expect(takes(others, method)).toBe(false);
  },
);

test("a method without a bit of its own has no mask, for others share its bit", () => {
  expect(methodMask(["GET", "PURGE"])).toBeUndefined();
  expect(methodMask(["GET", "PUT"])).toBe(methodBit("GET") | methodBit("PUT"));
  expect(methodBit("PURGE")).toBe(methodBit("LINK"));
});
