import { toByteString } from "../bytes.ts";
import { hashKey } from "../deal/key.ts";
import type { HeaderMatch, QueryMatch, Route } from "../route-rules.ts";
import { type Condition, shown, type TextTest } from "./condition.ts";
import { createRangeTest } from "./range.ts";
import { createTextTest } from "./text.ts";

/** What has to hold for a route beside its path and its methods, the cheapest first. */
export function createConditions({ name, match }: Pick<Route, "name" | "match">): readonly Condition[] {
  const { headers, query, basisPoints } = match;
  return [
    ...headers.map(headerCondition),
    ...query.map(queryCondition),
    ...(basisPoints < EVERYBODY ? [shareCondition(toByteString(name), basisPoints)] : []),
  ];
}

const EVERYBODY = 10_000; // basis points

/** What has to hold of the method; `methods` are at least one. */
export const methodCondition = (methods: readonly string[]): Condition => ({
  holds: ({ method }) => methods.includes(method),
  why: ({ method }) => `method ${shown(method)} is not ${methods.join(", ")}`,
});

/**
 * Envoy's HeaderMatcher: one line that passes is enough (since 1.40, envoy.reloadable_features.match_headers_individually),
 * inverted: is too much. A header that is missing passes no test of its value, not even one that is inverted.
 */
function headerCondition({ name: written, test, isInverted }: HeaderMatch): Condition {
  const name = written === "host" ? ":authority" : written; // Envoy keeps `host` under this name
  if (test.kind === "present") {
    return {
      holds: (asked) => asked.lines(name).length > 0 !== isInverted,
      why: () => `header ${written} is ${isInverted ? "there" : "missing"}`,
    };
  }
  const { passes, yes, no } = test.kind === "range" ? createRangeTest(test) : createTextTest(test);
  return {
    holds: (asked) => {
      const lines = asked.lines(name);
      return lines.length > 0 && anyPasses(lines, passes) !== isInverted;
    },
    why: (asked) => whyText(`header ${written}`, asked.lines(name), isInverted ? yes : no),
  };
}

function anyPasses(lines: readonly string[], passes: TextTest["passes"]): boolean {
  for (const line of lines) if (passes(line)) return true;
  return false;
}

/** Envoy's QueryParameterMatcher. */
function queryCondition({ name, test }: QueryMatch): Condition {
  const { passes, no }: Pick<TextTest, "passes" | "no"> = test.kind === "present" ? ANY : createTextTest(test);
  return {
    holds: (asked) => {
      const value = asked.parameter(name);
      return value !== undefined && passes(value);
    },
    why: (asked) => {
      const value = asked.parameter(name);
      return whyText(`parameter ${shown(name)}`, value === undefined ? [] : [value], no);
    },
  };
}

const ANY = { passes: (): boolean => true, no: "" };

const whyText = (what: string, values: readonly string[], problem: string): string =>
  values.length === 0 ? `${what} is missing` : `${what} ${values.map(shown).join(", ")} ${problem}`;

/**
 * A share of the customers, the same ones as long as the route has its name; a larger share has all of a smaller one's.
 * Another tag than the keys of deals (core/deal/key.ts): who is in a share must not depend on who is dealt what.
 */
function shareCondition(route: string, basisPoints: number): Condition {
  const below = (basisPoints / EVERYBODY) * 2 ** 32;
  return {
    holds: ({ customer }) => customer !== undefined && hashKey(["b", route, customer]).lo < below,
    why: ({ customer }) =>
      customer === undefined ? "the request is no customer's" : `customer ${shown(customer)} is not among the ${basisPoints / 100} %`,
  };
}
