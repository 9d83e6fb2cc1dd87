import { expect, test } from "vitest";
import { requestKeyOf } from "../../src/core/affinity.ts";
import { requestKey } from "../../src/core/deal/key.ts";
import type { PickRules } from "../../src/core/rules.ts";
import { exchange } from "../support/exchange.ts";
import { matchOf, routeOf } from "../support/route.ts";

type Lines = readonly (readonly [string, string])[];

const byHeader: PickRules = { kind: "affinity", by: "header", name: "x-session" };
const byCookie: PickRules = { kind: "affinity", by: "cookie", name: "sid" };
const byPath: PickRules = { kind: "affinity", by: "path" };

test.each<[string, PickRules, Lines, string | undefined]>([
  ["a header's value", byHeader, [["x-session", "abc"]], "abc"],
  ["an empty header, which is a key like others", byHeader, [["x-session", ""]], ""],
  ["nothing, where the header is missing", byHeader, [["x-other", "abc"]], undefined],
  ["a cookie among others", byCookie, [["cookie", "a=1; sid=abc; b=2"]], "abc"],
  ["a cookie in quotes, without them", byCookie, [["cookie", 'sid="abc"']], "abc"],
  ["a cookie that holds =", byCookie, [["cookie", "sid=a=b"]], "a=b"],
  [
    "a cookie on a line of its own",
    byCookie,
    [
      ["cookie", "a=1"],
      ["cookie", "sid=abc"],
    ],
    "abc",
  ],
  ["the first of two of one name", byCookie, [["cookie", "sid=1; sid=2"]], "1"],
  ["nothing, where the cookie's name differs by case", byCookie, [["cookie", "SID=abc"]], undefined],
  ["nothing, where there is no cookie", byCookie, [], undefined],
  ["the path without its query", byPath, [[":path", "/orders/42?page=2"]], "/orders/42"],
  ["the path without its fragment", byPath, [[":path", "/orders/42#x?y"]], "/orders/42"],
  ["nothing, where picks are random", { kind: "random" }, [["x-session", "abc"]], undefined],
  ["nothing, where picks go by load", { kind: "least_loaded" }, [["x-session", "abc"]], undefined],
])("a request sticks by %s", (_, pick, lines, text) => {
  expect(requestKeyOf(exchange(lines), pick)).toEqual(text === undefined ? undefined : requestKey(text));
});

test("a request sticks by its client's address, where Envoy tells it", () => {
  const pick: PickRules = { kind: "affinity", by: "source_ip" };
  expect(requestKeyOf({ ...exchange([]), sourceIp: "10.0.0.1" }, pick)).toEqual(requestKey("10.0.0.1"));
  expect(requestKeyOf(exchange([["x-forwarded-for", "10.0.0.1"]]), pick)).toBeUndefined();
});

const byId: PickRules = { kind: "affinity", by: "variable", name: "id" };
const known = { route: routeOf({ match: matchOf({ kind: "template", template: "/users/{id}/{rest=**}" }) }) };

test.each([
  ["/users/7/a", "7"],
  ["/users/7/b?id=8#id", "7"],
  ["/users/%37/a", "%37"],
  ["/users/7/", "7"],
])("a request for %s sticks by the variable of its path, not decoded", (path, text) => {
  expect(requestKeyOf(exchange([[":path", path]], known), byId)).toEqual(requestKey(text));
});

test("a variable that stands for nothing is a key like others; one that the route does not have is none", () => {
  const rest: PickRules = { ...byId, name: "rest" };
  expect(requestKeyOf(exchange([[":path", "/users/7/"]], known), rest)).toEqual(requestKey(""));
  expect(requestKeyOf(exchange([[":path", "/users/7/"]], known), { ...byId, name: "other" })).toBeUndefined();
  expect(requestKeyOf(exchange([[":path", "/users/7/"]], { route: routeOf() }), byId)).toBeUndefined();
});
