import { parseTemplate } from "../match/template.ts";
import type { Problem } from "../rules.ts";
import { outputHeaders, sourceHeaders } from "./control-headers.ts";
import { children, type Found, find, findText, subject } from "./find.ts";
import { parseHeaderName } from "./header.ts";
import { BUILT_IN, parseHeaderValue } from "./header-value.ts";
import { show } from "./scalar.ts";
import { suggest } from "./suggest.ts";

/** The header changes of routes: names that may be written to, variables that exist, and not too many of them. */
export function checkChanges(document: unknown): readonly Problem[] {
  const taken = controlled(document);
  return find(document, "virtual_hosts.*.routes.*").flatMap((route) => {
    const own = findText(route.value, "target.header").map(({ value }) => value.toLowerCase());
    const known = [...BUILT_IN, ...variablesOf(route)];
    return [
      ...DIRECTIONS.flatMap((direction) => checkNames(route, direction)),
      ...checkTaken(route, (name) => (own.includes(name) ? undefined : taken.get(name))),
      ...values(route).flatMap((value) => checkVariables(value, known)),
      ...DIRECTIONS.flatMap((direction) => checkCount(route, direction)),
      ...checkTemplate(route),
    ];
  });
}

const DIRECTIONS = ["request", "response"] as const;
type Direction = (typeof DIRECTIONS)[number];

/** Envoy fails a request with more than a hundred header changes in one reply (header_mutation_operation_count_exceeds_limit). */
const MAX_CHANGES = 32;

/** Names that are keys; those in lists are checked by the schema. */
function checkNames(route: Found, direction: Direction): readonly Problem[] {
  return names(route, direction, ["set", "add"]).flatMap(({ path, name }) => {
    const parsed = parseHeaderName(name);
    return "why" in parsed ? [{ path, at: "key", message: parsed.why }] : [];
  });
}

interface NamedPlace {
  readonly path: Found["path"];
  readonly name: string;
}

const names = (route: Found, direction: Direction, kinds: readonly ("set" | "add")[]): readonly NamedPlace[] =>
  kinds
    .flatMap((kind) => find(route.value, `${direction}.${kind}.*`))
    .flatMap(({ path }) => {
      const name = path.at(-1);
      return typeof name === "string" ? [{ path: [...route.path, ...path], name }] : [];
    });

/** Headers that say something to Envoy or riffle, and what. */
function controlled(document: unknown): ReadonlyMap<string, string> {
  const outputs = [...outputHeaders(document, "targets")].map((name) => [name, "tells Envoy where requests go"] as const);
  const sources = sourceHeaders(document).map((name) => [name, "says whose request it is"] as const);
  return new Map([...sources, ...outputs]);
}

/** A header of that kind is nobody's to change, but for the route that is sent by it. */
function checkTaken(route: Found, useOf: (name: string) => string | undefined): readonly Problem[] {
  const removed = findText(route.value, "request.remove.*").map(({ path, value }) => ({ path: [...route.path, ...path], name: value }));
  return [...names(route, "request", ["set", "add"]), ...removed].flatMap(({ path, name }) => {
    const use = useOf(name.toLowerCase());
    return use === undefined ? [] : [{ path, at: "key", message: `header ${show(name)} ${use}; change another one` }];
  });
}

/** Everything that may hold variables. */
const values = (route: Found): readonly (Found & { readonly value: string })[] =>
  [...DIRECTIONS.flatMap((direction) => [`${direction}.set.*`, `${direction}.add.*`, `${direction}.add.*.*`]), "target.redirect.path"]
    .flatMap((pattern) => findText(route.value, pattern))
    .map(({ path, value }) => ({ path: [...route.path, ...path], value }));

function checkVariables({ path, value }: Found & { readonly value: string }, known: readonly string[]): readonly Problem[] {
  const parsed = parseHeaderValue(value);
  if ("why" in parsed) return []; // the schema says so
  return parsed.value.parts.flatMap((part) =>
    "variable" in part && !known.includes(part.variable)
      ? [{ path, message: `${subject(path)}: there is no variable ${show(part.variable)}; ${suggest(part.variable, known)}` }]
      : [],
  );
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
  findText(route.value, "match.template").flatMap(({ path }) => {
    const hidden = variablesOf(route).find((name) => BUILT_IN.some((known) => known === name));
    return hidden === undefined
      ? []
      : [{ path: [...route.path, ...path], message: `template: {${hidden}} is a variable everywhere; name it otherwise` }];
  });

function checkCount(route: Found, direction: Direction): readonly Problem[] {
  const count =
    names(route, direction, ["set"]).length +
    find(route.value, `${direction}.remove.*`).length +
    find(route.value, `${direction}.add.*`).reduce((sum, { value }) => sum + (Array.isArray(value) ? children(value).length : 1), 0);
  if (count <= MAX_CHANGES) return [];
  return [
    { path: [...route.path, direction], message: `${direction} makes ${count} changes, and ${MAX_CHANGES} are the most; leave some out` },
  ];
}
