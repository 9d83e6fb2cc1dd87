import { describe, expect, test } from "vitest";
import { createPathCondition } from "../../../src/core/match/path-condition.ts";
import { Candidates } from "../../../src/core/match/path-tree.ts";
import { RegexGroups } from "../../../src/core/match/regex-group.ts";
import { compileRouter, createRouter, type Router } from "../../../src/core/match/routes.ts";
import { TreeBuilder } from "../../../src/core/match/tree-builder.ts";
import type { PathMatch, Route, VirtualHost } from "../../../src/core/route-rules.ts";
import { finish } from "../../../src/core/steps.ts";
import { exchange } from "../../support/exchange.ts";
import { prefix, routeOf } from "../../support/route.ts";

const to = (name: string, path = "/"): Route => routeOf({ name, match: prefix(path) });
const router = (virtualHosts: readonly VirtualHost[]): Router => createRouter(virtualHosts, { from: [], missing: "pass" });
const found = (router: Router, authority: string, path: string): string | undefined =>
  router.find(exchange({ ":authority": authority, ":path": path }).headers)?.name;

describe("the virtual host is chosen as Envoy chooses it", () => {
  const hosts = ["a.example.com", "*.example.com", "*.b.example.com", "*-x.example.com", "api.*", "api.v2.*", "*"];
  const hostsRouter = router(hosts.map((host) => ({ hosts: [host], routes: [to(host)] })));
  test.each([
    ["exact before wildcards", "a.example.com", "a.example.com"],
    ["without regard to case", "A.Example.COM", "a.example.com"],
    ["the longest suffix", "c.b.example.com", "*.b.example.com"],
    ["a suffix before a prefix", "api.example.com", "*.example.com"],
    ["a suffix that does not begin with a dot", "q-x.example.com", "*-x.example.com"],
    ["a wildcard stands for at least one character", ".example.com", "*"],
    ["the longest prefix", "api.v2.net", "api.v2.*"],
    ["a prefix", "api.net", "api.*"],
    ["a port belongs to the name", "a.example.com:8080", "*"],
    ["a trailing dot belongs to the name", "a.example.com.", "*"],
    ["bytes beyond ASCII keep their case", "\xc9.example.com", "*.example.com"],
    ["anything else", "localhost", "*"],
    ["nothing", "", "*"],
  ])("%s", (_, authority, expected) => {
    expect(found(hostsRouter, authority, "/")).toBe(expected);
  });

  test("without `*` another host has no route", () => {
    expect(found(router([{ hosts: ["a.example.com"], routes: [to("a")] }]), "b.example.com", "/")).toBeUndefined();
  });
});

describe("the first route that matches wins", () => {
  const pathsRouter = router([
    { hosts: ["*"], routes: [to("health", "/health"), to("api", "/api/"), to("first", "/api/v1"), to("second", "/api")] },
  ]);
  test.each([
    ["a prefix", "/health", "health"],
    ["a prefix need not end at a segment", "/healthy", "health"],
    ["file order, not length", "/api/v1", "api"],
    ["a later one", "/api", "second"],
    ["the query is no part of the path", "/api?/api/", "second"],
    ["nor is the fragment", "/api#/api/", "second"],
    ["case counts", "/API/", undefined],
    ["nothing is decoded", "/%61pi/", undefined],
    ["an empty path", "", undefined],
    ["a path that is no path", "*", undefined],
  ])("%s: %s", (_, path, expected) => {
    expect(found(pathsRouter, "any", path)).toBe(expected);
  });
});

test("a request without a path, as CONNECT, has no route", () => {
  const everything = router([{ hosts: ["*"], routes: [to("all", "")] }]);
  expect(everything.find(exchange({ ":authority": "a:443", ":method": "CONNECT" }).headers)).toBeUndefined();
  expect(everything.trace(exchange({ ":authority": "a:443" }).headers)).toEqual({ host: "*", passedOver: [], route: undefined });
});

test("explain names the host that was chosen as it is written", () => {
  const hosted = router([{ hosts: ["a.example.com", "*.example.com", "api.*"], routes: [to("all")] }]);
  const hosts = ["www.example.com", "api.net", "A.example.com", "x"].map(
    (authority) => hosted.trace(exchange({ ":authority": authority, ":path": "/" }).headers).host,
  );
  expect(hosts).toEqual(["*.example.com", "api.*", "a.example.com", undefined]);
});

test("compiling is done in steps of one route, so that requests are answered in between", () => {
  const routes = Array.from({ length: 500 }, (_, index) => to(`r${index}`, `/r${index}`));
  const steps = compileRouter([{ hosts: ["a.example.com", "*"], routes }], { from: [], missing: "pass" });
  let yields = 0;
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) {
      expect(found(step.value, "any", "/r77")).toBe("r7"); // the first in file order that begins so
      break;
    }
    yields++;
  }
  expect(yields).toBeGreaterThan(500);
});

test("a search looks only at the routes whose paths can begin as the request's", () => {
  const builder = new TreeBuilder();
  const kinds = (n: number): readonly PathMatch[] => [
    { kind: "exact", path: `/e${n}` },
    { kind: "prefix", prefix: `/p${n}/` },
    { kind: "regex", regex: `^/r${n}/[0-9]+$` },
    { kind: "template", template: `/{id}/t${n}/*.json` },
  ];
  Array.from({ length: 1_000 }, (_, n) => kinds(n))
    .flat()
    .forEach((match, place) => {
      for (const opening of createPathCondition(match, new RegexGroups()).openings) builder.add(opening, place);
    });
  const tree = finish(builder.pack());
  const candidates = new Candidates();
  for (const [path, places] of [
    ["/e7", [28]],
    ["/p7/x", [29]],
    ["/r7/x", [30]],
    ["/x/t7/a", [31]],
    ["/e7/x", []],
    ["/none", []],
  ] as const) {
    candidates.clear();
    tree.find(path, path.length, candidates);
    const lists = Array.from({ length: candidates.count }, (_, index) => candidates.list(index));
    const found = lists.flatMap((at) => [...tree.places.slice(at + 1, at + 1 + (tree.places[at] ?? 0))]);
    expect(found, path).toEqual(places);
  }
});
