import { expect, test } from "vitest";
import type { Decision } from "../../src/core/decide.ts";
import type { Known } from "../../src/core/exchange.ts";
import { finish } from "../../src/core/steps.ts";
import { type Answer, answer } from "../../src/core/verdict.ts";
import { RouteCounts } from "../../src/store/route-numbers.ts";
import { routeOf } from "../support/route.ts";

const route = routeOf({ name: "users" });
const decided = (known: Known, given?: Answer): Decision => ({ exchange: { known }, answer: given }) as Decision;
const ok = { status: 200, isLocalReply: false, attempts: 1 };

function counting(...routes: readonly (typeof route)[]) {
  const counts = new RouteCounts();
  finish(counts.follow([{ hosts: ["*"], routes }]));
  const of = (name: string) => counts.all.find((numbers) => numbers.name === name);
  return { counts, of };
}

test("requests and refusals are counted by route and reason, those without a route apart", () => {
  const { counts, of } = counting(route);
  counts.decided(decided({ route }));
  counts.decided(decided({ route }, answer(503, "no target of the shard is up")));
  counts.decided(decided({ route }, answer(503, "no target of the shard is up")));
  counts.decided(decided({}, answer(404, "no route")));
  expect(of("users")).toMatchObject({ requests: 3, answers: new Map([["no target of the shard is up", 2]]) });
  expect(of("")).toMatchObject({ requests: 1, answers: new Map([["no route", 1]]) });
});

test("where responses are looked at, those under way, their statuses and latencies are counted", () => {
  const { counts, of } = counting(route);
  counts.begin({ route });
  counts.begin({ route });
  counts.end({ route });
  counts.respond({ route }, { ...ok, tookMs: 20 });
  expect(of("users")).toMatchObject({ active: 1, statuses: new Map([[200, 1]]) });
  expect(of("users")?.latencies?.quantileMs(0.99)).toBeGreaterThanOrEqual(20);
  expect(of("users")?.latencies?.quantileMs(0.99)).toBeLessThan(21.3);
});

test("a route that stays keeps its numbers through a reload, also for exchanges that began before", () => {
  const { counts, of } = counting(route, routeOf({ name: "gone" }));
  counts.begin({ route });
  finish(counts.follow([{ hosts: ["*"], routes: [routeOf({ name: "users" })] }]));
  counts.end({ route });
  counts.decided(decided({ route }));
  expect(counts.all.map(({ name }) => name)).toEqual(["users", ""]);
  expect(of("users")).toMatchObject({ active: 0, requests: 1 });
});

test("an exchange of a route that has gone is nobody's any more", () => {
  const { counts } = counting(route);
  counts.begin({ route });
  finish(counts.follow([]));
  counts.end({ route });
  expect(counts.all).toMatchObject([{ name: "", active: 0 }]);
});
