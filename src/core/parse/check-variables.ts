import { parseTemplate } from "../match/template.ts";
import type { Problem } from "../rules.ts";
import { ANSWERS } from "./check-changes.ts";
import { type Found, find, findText, subject } from "./find.ts";
import { BUILT_IN, parseHeaderValue } from "./header-value.ts";
import { show } from "./scalar.ts";
import { suggest } from "./suggest.ts";

/** The variables in a route's header changes and redirect exist, and can have a value on it; those of its template hide no other. */
export const checkVariables = (document: unknown): readonly Problem[] =>
  find(document, "virtual_hosts.*.routes.*").flatMap((route) => {
    const empty = emptyOn(route);
    const known = [...BUILT_IN, ...variablesOf(route)].filter((name) => !empty.has(name));
    return [...values(route).flatMap((value) => checkValue(value, known, empty)), ...checkTemplate(route)];
  });

/** Everything that may hold variables. */
const values = (route: Found): readonly (Found & { readonly value: string })[] =>
  [...["request", "response"].flatMap((direction) => ["set.*", "add.*", "add.*.*"].map((kind) => `${direction}.${kind}`)), REDIRECT_PATH]
    .flatMap((pattern) => findText(route.value, pattern))
    .map(({ path, value }) => ({ path: [...route.path, ...path], value }));

const REDIRECT_PATH = "target.redirect.path";

function checkValue(
  { path, value }: Found & { readonly value: string },
  known: readonly string[],
  empty: ReadonlyMap<string, string>,
): readonly Problem[] {
  const parsed = parseHeaderValue(value);
  if ("why" in parsed) return []; // the schema says so
  return parsed.value.parts.flatMap((part) => {
    if (!("variable" in part) || known.includes(part.variable)) return [];
    const why = empty.get(part.variable);
    const message =
      why === undefined
        ? `there is no variable ${show(part.variable)}; ${suggest(part.variable, known)}`
        : `{${part.variable}} is always empty here, for ${why}; leave it out`;
    return [{ path, message: `${subject(path)}: ${message}` }];
  });
}

/** The variables that never have a value on a route, and why. */
function emptyOn(route: Found): ReadonlyMap<string, string> {
  const empty = new Map<string, string>();
  const has = (pattern: string): boolean => find(route.value, pattern).length > 0;
  if (!has("region")) empty.set("region", "the route has no region");
  if (!has("target.pool") && !has("target.split.*.pool")) empty.set("pool", "the route has no pool");
  if (has("target.header") && !has("target.allowed")) empty.set("target", "the route is sent by a header");
  for (const kind of ANSWERS) if (has(`target.${kind}`)) empty.set("target", `${kind} answers at once`);
  return empty;
}

/** The variables of a route's template, as far as it can be read. */
export function variablesOf(route: Found): readonly string[] {
  return findText(route.value, "match.template").flatMap(({ value }) => {
    const parsed = parseTemplate(value);
    return "why" in parsed ? [] : parsed.template.variables;
  });
}

/** A variable of the template does not hide one that is always there. */
const checkTemplate = (route: Found): readonly Problem[] =>
  findText(route.value, "match.template").flatMap(({ path }) =>
    variablesOf(route)
      .filter((name) => BUILT_IN.some((known) => known === name))
      .map((name) => ({
        path: [...route.path, ...path],
        message: `${subject(path)}: {${name}} is a variable everywhere; name it otherwise`,
      })),
  );
