import type { Problem } from "../rules.ts";
import { outputHeaders, regionHeader, sourceHeaders } from "./control-headers.ts";
import { children, type Found, find, findText } from "./find.ts";
import { parseHeaderName } from "./header.ts";
import { show } from "./scalar.ts";

/** The header changes of routes: names that may be written to, each by one change alone, and not too many of them. */
export function checkChanges(document: unknown): readonly Problem[] {
  const taken = controlled(document);
  return find(document, "virtual_hosts.*.routes.*").flatMap((route) => [
    ...DIRECTIONS.flatMap((direction) => [
      ...checkNames(route, direction),
      ...checkTwice(route, direction),
      ...checkCount(route, direction),
    ]),
    ...checkTaken(route, taken),
    ...checkUse(route),
  ]);
}

const DIRECTIONS = ["request", "response"] as const;
type Direction = (typeof DIRECTIONS)[number];

/** Envoy fails a request with more than a hundred header changes in one reply (header_mutation_operation_count_exceeds_limit). */
const MAX_CHANGES = 32;

interface Named {
  readonly path: Found["path"];
  readonly name: string; // as written
}

/** Headers that are set or added to: names that are keys. */
const named = (route: Found, direction: Direction, kind: "set" | "add"): readonly Named[] =>
  find(route.value, `${direction}.${kind}.*`).flatMap(({ path }) => {
    const name = path.at(-1);
    return typeof name === "string" ? [{ path: [...route.path, ...path], name }] : [];
  });

const removed = (route: Found, direction: Direction): readonly Named[] =>
  findText(route.value, `${direction}.remove.*`).map(({ path, value }) => ({ path: [...route.path, ...path], name: value }));

/** Names that are keys; those in lists are checked by the schema. */
const checkNames = (route: Found, direction: Direction): readonly Problem[] =>
  [...named(route, direction, "set"), ...named(route, direction, "add")].flatMap(({ path, name }) => {
    const parsed = parseHeaderName(name);
    return "why" in parsed ? [{ path, at: "key", message: parsed.why }] : [];
  });

/** A header that is set is that and nothing else, whatever its letter case; what is removed may be added to again. */
function checkTwice(route: Found, direction: Direction): readonly Problem[] {
  const set = named(route, direction, "set");
  const names = new Set(set.map(({ name }) => name.toLowerCase()));
  return [
    ...again(set, "is set already; remove one of the two"),
    ...again(named(route, direction, "add"), "is added already; write a list for several lines"),
    ...again(removed(route, direction), "is removed already; remove one of the two"),
    ...removed(route, direction)
      .filter(({ name }) => names.has(name.toLowerCase()))
      .map((found) => complain(found, "is set as well, which replaces what was there; remove one of the two")),
  ];
}

function again(all: readonly Named[], why: string): readonly Problem[] {
  const seen = new Set<string>();
  return all.filter(({ name }) => seen.size === seen.add(name.toLowerCase()).size).map((found) => complain(found, why));
}

const complain = ({ path, name }: Named, why: string): Problem => ({ path, at: "key", message: `header ${show(name)} ${why}` });

/** Headers that say something to Envoy or riffle, and what. */
interface Controlled {
  readonly outputs: ReadonlySet<string>;
  readonly sources: ReadonlySet<string>;
}

const controlled = (document: unknown): Controlled => ({
  outputs: outputHeaders(document, "targets"),
  sources: new Set(sourceHeaders(document)),
});

/** A header of that kind is nobody's to change; only what a route is sent by is its own to set, unless its region does that. */
function checkTaken(route: Found, { outputs, sources }: Controlled): readonly Problem[] {
  const own = findText(route.value, "target.header").map(({ value }) => value.toLowerCase());
  const region = regionHeader(route);
  const isOwn = (name: string): boolean => own.includes(name) && name !== region;
  const set = named(route, "request", "set").filter(({ name }) => sources.has(name.toLowerCase()) || !isOwn(name.toLowerCase()));
  return [...set, ...named(route, "request", "add"), ...removed(route, "request")].flatMap((found) => {
    const name = found.name.toLowerCase();
    if (sources.has(name)) return [complain(found, "says whose request it is; change another one")];
    return outputs.has(name) ? [complain(found, "is written by riffle itself; change another one")] : [];
  });
}

function checkCount(route: Found, direction: Direction): readonly Problem[] {
  const count =
    named(route, direction, "set").length +
    find(route.value, `${direction}.remove.*`).length +
    find(route.value, `${direction}.add.*`).reduce((sum, { value }) => sum + (Array.isArray(value) ? children(value).length : 1), 0);
  if (count <= MAX_CHANGES) return [];
  return [
    { path: [...route.path, direction], message: `${direction} makes ${count} changes, and ${MAX_CHANGES} are the most; leave some out` },
  ];
}

/** What would be read and never used: a route that answers by itself sends nothing on, and has no response to look at. */
function checkUse(route: Found): readonly Problem[] {
  const [answered] = ANSWERS.filter((kind) => find(route.value, `target.${kind}`).length > 0);
  if (answered === undefined) return [];
  const problem = (key: string, why: string): Problem => ({
    path: [...route.path, key],
    at: "key",
    message: `${key} ${why}, and ${answered} answers at once; remove it`,
  });
  return [
    ...find(route.value, "request").map(() => problem("request", "changes what is sent on")),
    ...findText(route.value, "stats")
      .filter(({ value }) => value === "response")
      .map(() => problem("stats", "looks at responses")),
  ];
}

/** The targets that send nothing on. */
export const ANSWERS = ["redirect", "direct_response"] as const;
