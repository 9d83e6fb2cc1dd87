import { describe, expect, test } from "vitest";
import { createRouter } from "../../../src/core/match/routes.ts";
import type { HeaderMatch, QueryMatch, RouteMatch } from "../../../src/core/route-rules.ts";
import type { Rules } from "../../../src/core/rules.ts";
import { exchange } from "../../support/exchange.ts";
import { matchOf, prefix, routeOf } from "../../support/route.ts";

const CUSTOMER: Rules["customer"] = { from: [{ header: "x-customer-id" }], missing: "pass" };

type Lines = readonly (readonly [string, string])[];

const headersOf = (path: string, lines: Lines = []) =>
  exchange([[":method", "GET"], [":authority", "a.example.com"], [":path", path], ...lines]).headers;

/** Whether a route with this match takes a request, and if not, why. */
function tryRoute(match: RouteMatch, path: string, lines: Lines = []): { readonly isTaken: boolean; readonly why: string | undefined } {
  const router = createRouter([{ hosts: ["*"], routes: [routeOf({ name: "r", match })] }], CUSTOMER);
  const headers = headersOf(path, lines);
  return { isTaken: router.find(headers) !== undefined, why: router.trace(headers).passedOver[0]?.why };
}

const headerMatch = (test: HeaderMatch["test"], isInverted = false): RouteMatch =>
  matchOf({ kind: "prefix", prefix: "/" }, { headers: [{ name: "x-env", test, isInverted }] });
const env = (...values: string[]): Lines => values.map((value) => ["x-env", value] as const);
const range = { kind: "range", from: -5, to: 10 } as const;

describe("headers are matched as Envoy does", () => {
  test.each<[string, HeaderMatch["test"], boolean, Lines, string | undefined]>([
    ["exactly", { kind: "exact", text: "prod" }, false, env("prod"), undefined],
    ["exactly, another", { kind: "exact", text: "prod" }, false, env("dev"), "header x-env dev is not prod"],
    ["case counts", { kind: "exact", text: "prod" }, false, env("Prod"), "header x-env Prod is not prod"],
    ["an empty value is a value", { kind: "exact", text: "" }, false, env(""), undefined],
    ["one line of several is enough", { kind: "exact", text: "prod" }, false, env("dev", "prod"), undefined],
    ["lines are not joined", { kind: "exact", text: "a,b" }, false, env("a", "b"), "header x-env a, b is not a,b"],
    ["not, inverted", { kind: "exact", text: "prod" }, true, env("dev"), undefined],
    [
      "inverted, one line of several is too much",
      { kind: "exact", text: "prod" },
      true,
      env("dev", "prod"),
      "header x-env dev, prod is prod",
    ],
    ["missing", { kind: "exact", text: "prod" }, false, [], "header x-env is missing"],
    ["missing, inverted: no value to differ", { kind: "exact", text: "prod" }, true, [], "header x-env is missing"],
    ["by prefix", { kind: "prefix", text: "pr" }, false, env("dev"), "header x-env dev does not begin with pr"],
    ["by prefix, inverted", { kind: "prefix", text: "pr" }, true, env("prod"), "header x-env prod begins with pr"],
    ["by suffix", { kind: "suffix", text: "od" }, false, env("dev"), "header x-env dev does not end with od"],
    ["by what it contains", { kind: "contains", text: "ro" }, false, env("dev"), "header x-env dev does not contain ro"],
    ["by a regex, all of it", { kind: "regex", regex: "pro" }, false, env("prod"), "header x-env prod does not match pro"],
    ["by a regex, inverted", { kind: "regex", regex: "p.*" }, true, env("prod"), "header x-env prod matches p.*"],
    ["present", { kind: "present" }, false, env(""), undefined],
    ["present, missing", { kind: "present" }, false, [], "header x-env is missing"],
    ["absent", { kind: "present" }, true, [], undefined],
    ["absent, there", { kind: "present" }, true, env("x"), "header x-env is there"],
  ])("%s", (_, given, isInverted, lines, why) => {
    expect(tryRoute(headerMatch(given, isInverted), "/", lines)).toEqual({ isTaken: why === undefined, why });
  });

  test.each([
    ["-5", true],
    ["-6", false],
    ["9", true],
    ["10", false],
    ["+5", true],
    [" 5 ", true],
    ["\t5", true],
    ["007", true],
    ["- 5", false],
    ["5.0", false],
    ["0x5", false],
    ["", false],
    ["five", false],
    ["5,6", false],
    ["99999999999999999999", false],
  ])("a number in a range: %j", (value, isTaken) => {
    expect(tryRoute(headerMatch(range), "/", env(value)).isTaken).toBe(isTaken);
    expect(tryRoute(headerMatch(range, true), "/", env(value)).isTaken).toBe(!isTaken);
  });

  test("`host` is the authority, as Envoy keeps it", () => {
    const match = matchOf({ kind: "prefix", prefix: "/" }, { headers: [{ name: "host", test: { kind: "present" }, isInverted: false }] });
    expect(tryRoute(match, "/").isTaken).toBe(true);
  });
});

describe("query parameters are matched as Envoy does", () => {
  const query = (name: string, test: QueryMatch["test"]): RouteMatch =>
    matchOf({ kind: "prefix", prefix: "/" }, { query: [{ name, test }] });
  const exact = { kind: "exact", text: "1" } as const;
  test.each<[string, string, QueryMatch["test"], string, string | undefined]>([
    ["exactly", "a", exact, "/?a=1", undefined],
    ["not the first", "b", exact, "/?a=2&b=1", undefined],
    ["the first value counts", "a", exact, "/?a=2&a=1", "parameter a 2 is not 1"],
    ["a name is not a part of one", "a", exact, "/?aa=1&ba=1", "parameter a is missing"],
    ["nothing is decoded", "a", exact, "/?a=%31", "parameter a %31 is not 1"],
    ["nor in names", "a", exact, "/?%61=1", "parameter a is missing"],
    ["case counts", "a", exact, "/?A=1", "parameter a is missing"],
    ["more equals signs belong to the value", "a", { kind: "exact", text: "=1" }, "/?a==1", undefined],
    ["without a value", "a", { kind: "exact", text: "" }, "/?a", undefined],
    ["present", "a", { kind: "present" }, "/?b&a&c", undefined],
    ["no query", "a", { kind: "present" }, "/a", "parameter a is missing"],
    ["an empty query", "a", { kind: "present" }, "/?", "parameter a is missing"],
    ["empty parameters", "a", exact, "/?&&a=1&", undefined],
    ["a second question mark belongs to the value", "a", { kind: "exact", text: "1?b=2" }, "/?a=1?b=2", undefined],
    ["by a regex, all of it", "a", { kind: "regex", regex: "[0-9]" }, "/?a=12", "parameter a 12 does not match [0-9]"],
  ])("%s", (_, name, given, path, why) => {
    expect(tryRoute(query(name, given), path)).toEqual({ isTaken: why === undefined, why });
  });
});

describe("explain says why a path or a method does not match", () => {
  test.each<[RouteMatch, string, string]>([
    [matchOf({ kind: "exact", path: "/health" }), "/x?health", "path /x is not /health"],
    [prefix("/api"), "/x", "path /x does not begin with /api"],
    [matchOf({ kind: "segments", prefix: "/api" }), "/apix", "path /apix is neither /api nor below it"],
    [matchOf({ kind: "regex", regex: "/v[0-9]+" }), "/v", "path /v does not match /v[0-9]+"],
    [matchOf({ kind: "template", template: "/users/{id}" }), "/users/", "path /users/ does not match /users/{id}"],
    [matchOf({ kind: "prefix", prefix: "/" }, { methods: ["POST", "PUT"] }), "/", "method GET is not POST, PUT"],
    [prefix("/b"), `/${"a".repeat(64 * 1024)}`, `path /${"a".repeat(99)}… does not begin with /b`],
    [prefix("/b"), "/\x1b[31m\xc3\xa9\xff", "path /\\x1b[31mÃ©\\xff does not begin with /b".replace("Ã©", "\\xc3\\xa9")],
  ])("%#", (match, path, why) => {
    expect(tryRoute(match, path).why).toBe(why);
  });
});

describe("a share of the customers", () => {
  const share = (basisPoints: number): RouteMatch => matchOf({ kind: "prefix", prefix: "/" }, { basisPoints });
  const names = Array.from({ length: 10_000 }, (_, index) => `customer-${index}`);
  const among = (basisPoints: number, name = "canary"): readonly string[] => {
    const router = createRouter([{ hosts: ["*"], routes: [routeOf({ name, match: share(basisPoints) })] }], CUSTOMER);
    return names.filter((customer) => router.find(headersOf("/", [["x-customer-id", customer]])) !== undefined);
  };

  test("is about as large as it says", () => {
    for (const basisPoints of [100, 1_000, 5_000]) expect(Math.abs(among(basisPoints).length - basisPoints)).toBeLessThan(150);
  });

  test("is the same whenever it is asked for, and on every instance", () => {
    expect(among(500)).toEqual(among(500));
    expect(among(10).slice(0, 3)).toEqual(FIRST_OF_CANARY);
  });

  test("that grows keeps all it had", () => {
    expect(new Set(among(1_000)).isSubsetOf(new Set(among(1_001)))).toBe(true);
    expect(new Set(among(1_000)).isSubsetOf(new Set(among(5_000)))).toBe(true);
  });

  test("of another route is of other customers", () => {
    const both = new Set(among(1_000)).intersection(new Set(among(1_000, "other")));
    expect(both.size).toBeGreaterThan(50); // a tenth of a tenth, as chance has it
    expect(both.size).toBeLessThan(150);
  });

  test("of none has nobody, and of all everybody, without a customer even", () => {
    expect(among(0)).toEqual([]);
    expect(tryRoute(share(0), "/", [["x-customer-id", "acme"]]).why).toBe("customer acme is not among the 0 %");
    expect(tryRoute(share(10_000), "/").isTaken).toBe(true);
  });

  test("has no request without a customer", () => {
    expect(tryRoute(share(9_999), "/").why).toBe("the request is no customer's");
    expect(
      tryRoute(share(9_999), "/", [
        ["x-customer-id", "a"],
        ["x-customer-id", "b"],
      ]).why,
    ).toBe("the request is no customer's");
  });
});

/** Known answers: a change of the hash would move customers between versions of a service. */
const FIRST_OF_CANARY = ["customer-1449", "customer-1539", "customer-2057"];
