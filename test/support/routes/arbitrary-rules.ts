import fc from "fast-check";
import { toByteString } from "../../../src/core/bytes.ts";
import type { HeaderMatch, PathMatch, QueryMatch, Route, TextMatch, VirtualHost } from "../../../src/core/route-rules.ts";
import { routeOf } from "../route.ts";
import { REGEXES, SEGMENTS, TEMPLATES, VALUES } from "./words.ts";

// Few words, so that routes and requests meet: a route that nothing matches tests nothing.

const bytes = (text: string): string => toByteString(text);
const segments = fc.array(fc.constantFrom(...SEGMENTS), { maxLength: 3 });
const value = fc.constantFrom(...VALUES).map(bytes);

/** A path as a route may have it. */
export const literalPath: fc.Arbitrary<string> = fc
  .tuple(segments, fc.constantFrom("", "", "/", "x"))
  .map(([all, end]) => bytes(`/${all.join("/")}${end}`));

const pathMatch: fc.Arbitrary<PathMatch> = fc.oneof(
  literalPath.map((path) => ({ kind: "exact" as const, path })),
  literalPath.map((prefix) => ({ kind: "prefix" as const, prefix })),
  literalPath.filter((path) => !path.endsWith("/")).map((prefix) => ({ kind: "segments" as const, prefix })),
  fc.constantFrom(...REGEXES).map((regex) => ({ kind: "regex" as const, regex })),
  fc.constantFrom(...TEMPLATES).map((template) => ({ kind: "template" as const, template })),
);

const regexOfValues = fc.constantFrom("prod|dev", "p.*", "[0-9]+", ".", "..", "é.*", "(?i)PROD", "[^,]*", ".*,.*");

const textMatch: fc.Arbitrary<TextMatch> = fc.oneof(
  value.map((text) => ({ kind: "exact" as const, text })),
  fc
    .tuple(
      fc.constantFrom("prefix" as const, "suffix" as const, "contains" as const),
      value.filter((text) => text !== ""),
    )
    .map(([kind, text]) => ({ kind, text })),
  regexOfValues.map((regex) => ({ kind: "regex" as const, regex })),
);

const range = fc
  .tuple(fc.integer({ min: -10, max: 20 }), fc.integer({ min: 0, max: 20 }))
  .map(([from, length]) => ({ kind: "range" as const, from, to: from + length }));

const headerMatch: fc.Arbitrary<HeaderMatch> = fc.record({
  name: fc.constantFrom("x-env", "x-env", "x-version", "x-flag", "host", ":authority", ":path"),
  test: fc.oneof(textMatch, textMatch, range, fc.constant({ kind: "present" as const })),
  isInverted: fc.boolean(),
});

const queryMatch: fc.Arbitrary<QueryMatch> = fc.record({
  name: fc.constantFrom("a", "b", "A", "a%20b"),
  test: fc.oneof(textMatch, fc.constant({ kind: "present" as const })),
});

const some = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<readonly T[]> =>
  fc.oneof({ arbitrary: fc.constant([]), weight: 4 }, { arbitrary: fc.array(one, { minLength: 1, maxLength: 2 }), weight: 1 });

/** `shares`: of basis points that a route may have beside 10000. */
const route = (shares: readonly number[]): fc.Arbitrary<Route> =>
  fc
    .record({
      path: pathMatch,
      methods: some(fc.constantFrom("GET", "POST", "OPTIONS", "HEAD")),
      headers: some(headerMatch),
      query: some(queryMatch),
      basisPoints: fc.oneof({ arbitrary: fc.constant(10_000), weight: 9 }, { arbitrary: fc.constantFrom(...shares), weight: 1 }),
    })
    .map((match) => routeOf({ match }));

const HOSTS = ["a.test", "*.a.test", "*.b.a.test", "*-x.test", "*test", "api.*", "api.v2.*", "a.test:8080", "a.test.", "*:8080", "*"];

/** Virtual hosts with distinct hosts and named routes of all kinds. */
export function virtualHosts(routesEach: number, shares: readonly number[] = [0]): fc.Arbitrary<readonly VirtualHost[]> {
  const routes = fc.array(route(shares), { minLength: 1, maxLength: routesEach, size: "max" });
  return fc
    .tuple(fc.shuffledSubarray(HOSTS, { minLength: 2 }), fc.array(routes, { minLength: 2, maxLength: 5, size: "max" }))
    .map(([hosts, lists]) => lists.map((list, index) => host(index, share(hosts, index, lists.length), list)))
    .map((all) => all.filter(({ hosts }) => hosts.length > 0));
}

const share = (hosts: readonly string[], index: number, count: number): readonly string[] =>
  hosts.filter((_, place) => place % count === index);

const host = (index: number, hosts: readonly string[], routes: readonly Route[]): VirtualHost => ({
  hosts,
  routes: routes.map((one, place) => ({ ...one, name: `${index}#${place}` })),
});
