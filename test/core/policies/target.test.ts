import { describe, expect, test } from "vitest";
import { target } from "../../../src/core/policies/target.ts";
import type { Route } from "../../../src/core/route-rules.ts";
import type { Snapshot } from "../../../src/core/snapshot.ts";
import { exchange } from "../../support/exchange.ts";
import { rulesOf } from "../../support/rules.ts";

const snapshot = { version: "0123" } as Snapshot;

/** The route of a file that has this target. */
function routeTo(written: object, more: object = {}): Route {
  const [host] = rulesOf({
    clusters: { red: [], blue: [] },
    pools: { p: { targets: [{ id: "t" }] }, q: { targets: [{ id: "u" }] } },
    virtual_hosts: [{ routes: [{ name: "r", target: written, ...more }] }],
  }).virtualHosts;
  const [route] = host?.routes ?? [];
  if (route === undefined) throw new Error("no route");
  return route;
}

type Lines = Parameters<typeof exchange>[0];
const verdictOn = (route: Route, lines: Lines = {}, customer: string | undefined = "acme", chance = 0) =>
  target(exchange(lines, { route, customer }, chance), snapshot);
const toCluster = (name: string) => ({ kind: "adjust", edits: [{ name: "x-target-cluster", value: name }] });

describe("an exchange is sent", () => {
  test("on to be dealt a shard of the pool", () => {
    expect(verdictOn(routeTo({ pool: "p" }))).toEqual({ kind: "adjust", known: { pool: "p" } });
  });

  test("nowhere without a customer: a pool has no shard for nobody", () => {
    expect(target(exchange({}, { route: routeTo({ pool: "p" }) }), snapshot)).toEqual({ kind: "pass" });
  });

  test("to a cluster, whoever asks", () => {
    expect(target(exchange({}, { route: routeTo({ cluster: "red" }) }), snapshot)).toEqual(toCluster("red"));
  });

  test("to the same cluster by the same edit each time, so that its reply is made once", () => {
    const route = routeTo({ cluster: "red" });
    const [first, second] = [verdictOn(route), verdictOn(route)];
    expect(first).toMatchObject(toCluster("red"));
    if (first.kind === "adjust" && second.kind === "adjust") expect(first.edits?.[0]).toBe(second.edits?.[0]);
  });

  test("by a split to pools and clusters alike", () => {
    const split = (weights: readonly [number, number]) =>
      routeTo({
        split: [
          { weight: weights[0], pool: "q" },
          { weight: weights[1], cluster: "blue" },
        ],
      });
    expect(verdictOn(split([1, 0]))).toEqual({ kind: "adjust", known: { pool: "q" } });
    expect(verdictOn(split([0, 1]))).toEqual(toCluster("blue"));
  });

  test("nowhere before it has a route", () => {
    expect(target(exchange({}), snapshot)).toEqual({ kind: "pass" });
  });
});

describe("a header that the client sends", () => {
  const route = routeTo({ header: "X-Where", allowed: ["red", "t"] });
  test.each(["red", "t"])("chooses what is allowed: %s", (where) => {
    expect(verdictOn(route, { "x-where": where })).toEqual(toCluster(where));
  });

  test.each<[string, Lines]>([
    ["none", {}],
    ["an empty one", { "x-where": "" }],
    ["another cluster", { "x-where": "blue" }],
    ["riffle's own cluster", { "x-where": "riffle" }],
    ["other letter case", { "x-where": "Red" }],
    ["a list", { "x-where": "red,t" }],
    ["what an object would have anyway", { "x-where": "constructor" }],
    ["64 KiB", { "x-where": "x".repeat(65_536) }],
    [
      "two lines, of which either could count",
      [
        ["x-where", "red"],
        ["x-where", "t"],
      ],
    ],
    [
      "two lines that say the same",
      [
        ["x-where", "red"],
        ["x-where", "red"],
      ],
    ],
  ])("is refused with 400 for %s", (_, lines) => {
    expect(verdictOn(route, lines)).toEqual({ kind: "answer", status: 400, why: "no such target" });
  });

  test("may be one of Envoy's own, such as the host", () => {
    const byHost = routeTo({ header: ":authority", allowed: ["red"] });
    expect(verdictOn(byHost, { ":authority": "red" })).toEqual(toCluster("red"));
  });

  test("is nothing to look at where the route sets it", () => {
    const own = routeTo({ header: "x-to" }, { request: { set: { "x-to": "red" } } });
    expect(verdictOn(own, { "x-to": "blue" })).toEqual({ kind: "pass" });
  });
});

describe("a route that answers", () => {
  const lines = { ":authority": "a.com", ":path": "/x?y", ":scheme": "http" };
  const response = {
    set: { "X-Customer": "{customer}", "cache-control": "no-store" },
    add: { "set-cookie": ["a=1", "b=2"] },
    remove: ["server"],
  };
  const changes = [
    { name: "server", value: undefined },
    { name: "x-customer", value: "acme" },
    { name: "cache-control", value: "no-store" },
    { name: "set-cookie", value: "a=1", append: true },
    { name: "set-cookie", value: "b=2", append: true },
  ];

  test("with a redirect says where to, and has its response headers", () => {
    const route = routeTo({ redirect: { scheme: "https", status: 308 } }, { response });
    expect(verdictOn(route, lines)).toEqual({
      kind: "answer",
      status: 308,
      why: "redirect",
      headers: [{ name: "location", value: "https://a.com/x?y" }, ...changes],
    });
  });

  test("with a redirect refuses what cannot stand in its location", () => {
    const route = routeTo({ redirect: { scheme: "https" } });
    expect(verdictOn(route, { ...lines, ":authority": "a@b" })).toEqual({ kind: "answer", status: 400, why: "no host to redirect to" });
    expect(verdictOn(route, { ...lines, ":path": "/a\nb" })).toEqual({ kind: "answer", status: 400, why: "control character in a header" });
    expect(verdictOn(route, { ...lines, ":path": `/${"a".repeat(20_000)}` })).toEqual({
      kind: "answer",
      status: 400,
      why: "header too long",
    });
  });

  test("itself sends its body in UTF-8, and has its response headers", () => {
    const route = routeTo({ direct_response: { status: 203, body: "grün\n" } }, { response });
    expect(verdictOn(route)).toEqual({
      kind: "answer",
      status: 203,
      why: "direct response",
      headers: changes,
      body: Buffer.from("grün\n"),
    });
  });

  test("itself may have no body", () => {
    expect(verdictOn(routeTo({ direct_response: { status: 404 } }))).toEqual({
      kind: "answer",
      status: 404,
      why: "direct response",
      headers: [],
    });
  });

  test("leaves out the response header that a client has spoilt, and that one alone", () => {
    const route = routeTo({ direct_response: { status: 200 } }, { response });
    const verdict = verdictOn(route, {}, "a\r\nset-cookie: evil=1");
    expect(verdict).toMatchObject({ kind: "answer", status: 200, headers: changes.filter(({ name }) => name !== "x-customer") });
  });
});
