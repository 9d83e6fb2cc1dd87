import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileRegex, MAX_REGEX_SIZE, MAX_SET, type Regex } from "../../../src/core/match/regex.ts";
import { RegexGroups } from "../../../src/core/match/regex-group.ts";
import { createRouter } from "../../../src/core/match/routes.ts";
import { exchange } from "../../support/exchange.ts";
import { matchOf, routeOf } from "../../support/route.ts";

function regexOf(source: string): Regex {
  const compiled = compileRegex(source);
  if ("why" in compiled) throw new Error(compiled.why);
  return compiled.regex;
}

const routerOf = (regexes: readonly string[]) => {
  const routes = regexes.map((regex, index) => routeOf({ name: `${index}`, match: matchOf({ kind: "regex", regex }) }));
  return createRouter([{ hosts: ["*"], routes }], { from: [{ header: "x-customer-id" }], missing: "pass" });
};
const found = (router: ReturnType<typeof routerOf>, path: string) =>
  router.find(exchange({ ":authority": "a", ":path": path }).headers)?.name;

const piece = fc.constantFrom("a", "b", "[ab]", ".", "a*", "b+", "(a|bb)", "(ab)?", "^", "$", "\\b", "[^a]", "(?i)A", "a{1,3}", "/");
const source = fc.array(piece, { minLength: 0, maxLength: 6, size: "max" }).map((pieces) => `/${pieces.join("")}`);
const path = fc.string({ unit: fc.constantFrom("a", "b", "A", "/", "\n", "\xe9"), maxLength: 12, size: "max" }).map((text) => `/${text}`);

test("regexes asked together match what each of them matches alone", () => {
  fc.assert(
    fc.property(
      fc.array(source, { minLength: 2, maxLength: 40, size: "max" }),
      fc.array(path, { maxLength: 8, size: "max" }),
      (sources, paths) => {
        const router = routerOf(sources);
        const alone = sources.map(regexOf);
        for (const asked of paths) {
          const first = alone.findIndex((regex) => regex.matches(asked));
          expect(found(router, asked), asked).toBe(first < 0 ? undefined : `${first}`);
        }
      },
    ),
    { numRuns: 200 },
  );
});

describe("groups", () => {
  test("of one beginning are filled one after the other, however many there are", () => {
    const sources = Array.from({ length: 3 * MAX_SET + 1 }, (_, index) => `/v[0-9]+/thing-${index}/.*`);
    const router = routerOf(sources);
    for (const index of sources.keys()) expect(found(router, `/v2/thing-${index}/x`)).toBe(`${index}`);
    expect(found(router, "/v2/thing-99/x")).toBeUndefined();
  });

  test("hold no more than compiles at once in little time", () => {
    const groups = new RegexGroups();
    const large = regexOf("/(a{1,250}|b{1,250}).*");
    for (let i = 0; i < 5; i++) groups.join(large).add(large);
    expect(groups.all).toHaveLength(5);
    expect(5 * large.size).toBeGreaterThan(2 * MAX_REGEX_SIZE);
  });

  test("one request's answer is not the next one's", () => {
    const router = routerOf(["/a.*b", "/a.*c"]);
    expect(["/aab", "/aac", "/aab", "/aad", "/aac"].map((asked) => found(router, asked))).toEqual(["0", "1", "0", undefined, "1"]);
  });
});
