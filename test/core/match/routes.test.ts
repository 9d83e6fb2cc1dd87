import { describe, expect, test } from "vitest";
import { createRouter, type Router } from "../../../src/core/match/routes.ts";
import type { Route, VirtualHost } from "../../../src/core/rules.ts";
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
  ])("%s: %s", (_, path, expected) => {
    expect(found(pathsRouter, "any", path)).toBe(expected);
  });
});
