import { beforeAll, expect, test } from "vitest";
import { toDisplay } from "../../src/core/bytes.ts";
import { createRouter, type Router } from "../../src/core/match/routes.ts";
import type { Route, VirtualHost } from "../../src/core/route-rules.ts";
import { type Asked, askAbout, headersOf } from "../support/routes/envoy-choices.ts";

// One set of virtual hosts, two routers: a real Envoy is given it as its own route configuration, riffle as its rules.

const SETS = 20;
const REQUESTS_EACH = 1_000;

let compared: readonly (Asked & { readonly ours: Route | undefined })[];

beforeAll(async () => {
  const asked = await askAbout({ sets: SETS, requestsEach: REQUESTS_EACH });
  const routers = new Map<readonly VirtualHost[], Router>();
  compared = asked.map((one) => {
    const router = routers.get(one.all) ?? createRouter(one.all, { from: [], missing: "pass" });
    routers.set(one.all, router);
    return { ...one, ours: router.find(headersOf(one.request)) };
  });
}, 120_000);

test("riffle chooses the route that Envoy chooses, in 20,000 requests", () => {
  expect(compared).toHaveLength(SETS * REQUESTS_EACH);
  const differing = compared.filter(
    ({ choice, ours }) => choice !== "refused" && (choice === "none" ? undefined : choice.route) !== ours?.name,
  );
  expect(differing.slice(0, 5).map(describe), `${differing.length} differ`).toEqual([]);
});

test("few of the requests are refused by Envoy before it routes them", () => {
  const refused = compared.filter(({ choice }) => choice === "refused");
  expect(refused.length / compared.length).toBeLessThan(0.05);
});

test("the requests meet all kinds of routes, and some meet none", () => {
  const chosen = compared.filter(({ choice }) => typeof choice === "object").flatMap(({ ours }) => ours ?? []);
  expect(chosen.length / compared.length).toBeGreaterThan(0.4);
  expect(compared.filter(({ choice }) => choice === "none").length / compared.length).toBeGreaterThan(0.1);
  for (const kind of ["exact", "prefix", "segments", "regex", "template"]) {
    expect(chosen.filter(({ match }) => match.path.kind === kind).length, kind).toBeGreaterThan(200);
  }
  expect(chosen.filter(({ match }) => match.headers.length > 0).length, "headers").toBeGreaterThan(200);
  expect(chosen.filter(({ match }) => match.query.length > 0).length, "query").toBeGreaterThan(20);
  expect(chosen.filter(({ match }) => match.methods.length > 0).length, "methods").toBeGreaterThan(200);
});

/** What a reader needs to find out who is right. */
function describe({ all, request, choice, ours }: (typeof compared)[number]): string {
  const matchOf = (name: string | undefined): string =>
    JSON.stringify(all.flatMap(({ routes }) => routes).find((route) => route.name === name)?.match);
  const theirs = typeof choice === "object" ? choice.route : undefined;
  return toDisplay(`${JSON.stringify(request)}: riffle ${ours?.name} ${matchOf(ours?.name)}, Envoy ${theirs} ${matchOf(theirs)}`);
}
