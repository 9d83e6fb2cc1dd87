import fc from "fast-check";
import { toByteString } from "../../../src/core/bytes.ts";
import type { PathMatch, Route, VirtualHost } from "../../../src/core/route-rules.ts";
import { literalPath } from "./arbitrary-rules.ts";
import { VALUES } from "./words.ts";

/** A request for a route; all texts are byte strings. */
export interface RouteRequest {
  readonly method: string;
  readonly authority: string;
  readonly path: string; // with its query
  readonly headers: readonly (readonly [name: string, value: string])[];
}

const ODD_PATHS = [
  "*",
  "/",
  "//",
  "/a//b",
  "/%2f",
  "/..",
  "/a/../b",
  "/;a",
  "/a;b=1",
  "/v1/$a(b)+,;:@'!&~-._%2f",
  "/xx/y",
  "/aaaaab",
  "/aab/",
  "/kelvin",
];
/** Longer than any buffer that matching or a connection may have in its way. */
const LONG_PATHS = ["/a".repeat(5_000), `/${"a".repeat(9_000)}b`, `/v1/${"x/".repeat(4_500)}`, `/?${"b&".repeat(4_500)}a=prod`];

const ODD_BYTES = [
  ...["\xe9", "\xc3\xa9", "\xe2\x84\xaaelvin", "\xe0\x80\x80", "\xed\xa0\x80", "\xed\xa0\x80\xed\xb0\x80", "\xf0\x80\x80\x80"],
  ...["\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xc0\x80", "\x80", "\xff", "\xc3", "\xf0\x9f\x98\x80", "\xc3\xa9\xc3\xa9"],
].map((bytes) => `/${bytes}`);

const tail = fc.oneof(
  { arbitrary: fc.constant(""), weight: 6 },
  { arbitrary: fc.constantFrom("/", "x", "/x", "//", ".json", "/b", "%", "=", "*", "\xe9"), weight: 3 },
);

/** Paths near those that the routes are for. */
const pathFor = (routes: readonly Route[]): fc.Arbitrary<string> => {
  const matches = routes.map(({ match }) => match.path);
  const near = fc.tuple(fc.constantFrom(...matches), word, word).map(([match, first, second]) => example(match, first, second));
  const plain = fc.oneof(
    { arbitrary: near, weight: 8 },
    { arbitrary: literalPath, weight: 2 },
    fc.constantFrom(...ODD_PATHS, ...LONG_PATHS),
    fc.constantFrom(...ODD_BYTES),
  );
  return fc.tuple(plain, tail, query).map((parts) => parts.join(""));
};

const word = fc.constantFrom("a", "b", "v1", "x/y", "", "a.json", "é", "~", "(b)", "=").map(toByteString);

/** A path that a match is likely to take. */
function example(match: PathMatch, first: string, second: string): string {
  switch (match.kind) {
    case "exact":
      return match.path;
    case "prefix":
    case "segments":
      return first === "" ? match.prefix : `${match.prefix}/${first}`;
    case "template":
      return fill(
        match.template.replace(/\{\w+=?([^}]*)\}/g, (_, pattern: string) => pattern || "*"),
        first,
        second,
      );
    case "regex":
      return toByteString(exampleOf(match.regex, first));
  }
}

/** The first star is one text, the others are another. */
const fill = (text: string, first: string, second: string): string => text.replace(/\*+/, first).replace(/\*+/g, second);

/** Not always a match of it, but often near one. */
function exampleOf(regex: string, any: string): string {
  const [first = "", second = first] = regex.replace(/\(\?\w*:?|\\[QEb]|[()^$]/g, "").split("|");
  const text = (any.length % 2 === 0 ? first : second).replace(/\[\^?[^\]]*\]+|\\p?\w|\./g, "1").replace(/[+*?]|\{[^}]*\}/g, "");
  return text.startsWith("/") ? text : `/${text}`;
}

const value = fc.constantFrom(...VALUES, "+5", "-3", " 12 ", "0x1", "1.5", "99999999999999999999", "5,6").map(toByteString);
const query = fc.oneof(
  { arbitrary: fc.constant(""), weight: 4 },
  {
    arbitrary: fc
      .array(fc.tuple(fc.constantFrom("a", "b", "A", "a%20b", "%61", "", "aa"), fc.constantFrom("=", "", "=="), value), { maxLength: 4 })
      .map(
        (all) => `?${all.map(([name, equals, text]) => (equals === "" ? name : `${name}${equals}${text.replaceAll(" ", "+")}`)).join("&")}`,
      ),
    weight: 3,
  },
  fc.constantFrom("?", "??", "?&&a", "?a=1&", "?/b/c", "?a=1?b=2", "?a=é".replace("é", "\xe9")),
);

const HOSTS = ["a.test", "A.Test", "b.a.test", "c.b.a.test", "q-x.test", "-x.test", ".a.test", "api.net", "api.v2.net", "API.", "api."];
const MORE_HOSTS = [
  "a.test:8080",
  "a.test:80",
  "a.test.",
  "a.test.:8080",
  "localhost",
  "test",
  "[::1]",
  "[::1]:8080",
  "a_b.test",
  "x:8080",
  ":8080",
];

const headers = fc.array(fc.tuple(fc.constantFrom("x-env", "x-env", "x-version", "x-flag", "X-Env"), value), { maxLength: 4 });

/** Authorities near those that a virtual host is for. */
const authorityFor = (hosts: readonly string[]): fc.Arbitrary<string> => {
  const near = fc.tuple(fc.constantFrom(...hosts), fc.constantFrom("x", "b", "b.a")).map(([host, text]) => host.replace("*", text));
  return fc.oneof({ arbitrary: near, weight: 10 }, fc.constantFrom(...HOSTS, ...MORE_HOSTS));
};

/** Requests for these virtual hosts: most near a route, some odd. */
export const requestsFor = (all: readonly VirtualHost[]): fc.Arbitrary<RouteRequest> =>
  fc.oneof(...all.map(({ hosts, routes }) => requestFor(hosts, routes)));

const requestFor = (hosts: readonly string[], routes: readonly Route[]): fc.Arbitrary<RouteRequest> =>
  fc.record({
    method: fc.constantFrom("GET", "GET", "GET", "POST", "OPTIONS", "HEAD", "PUT"),
    authority: authorityFor(hosts),
    path: pathFor(routes),
    headers,
  });
