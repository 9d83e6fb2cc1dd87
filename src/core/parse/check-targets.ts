import type { Problem } from "../rules.ts";
import { variablesOf } from "./check-changes.ts";
import { type Found, find, findText, subject } from "./find.ts";
import { parsePick } from "./pick.ts";
import { show } from "./scalar.ts";

/** Where routes send requests: headers that somebody sets, variables that some template has. */
export const checkTargets = (document: unknown): readonly Problem[] => [
  ...find(document, "virtual_hosts.*.routes.*").flatMap(checkHeaderTarget),
  ...checkAffinities(document),
];

/** A cluster is named by what the route itself sets; a client may choose only among those it is allowed to. */
function checkHeaderTarget(route: Found): readonly Problem[] {
  const [target] = findText(route.value, "target.header");
  if (target === undefined) return [];
  const path = [...route.path, ...target.path];
  const name = target.value.toLowerCase();
  const isOpen = find(route.value, "target.allowed").length > 0;
  if (isOpen === !sets(route).has(name)) return [];
  const why = isOpen
    ? "is set by the route itself; leave allowed out, or name a header that clients send"
    : "is set by nobody; add region or request: {set} to the route, or list the clusters that clients may name as allowed";
  return [{ path, message: `${subject(path)} ${show(target.value)} ${why}` }];
}

/** The headers that a route gives a value, in lower case. */
function sets(route: Found): ReadonlySet<string> {
  const region = find(route.value, "region").length === 0 ? [] : [findText(route.value, "region.header")[0]?.value ?? "region"];
  const set = find(route.value, "request.set.*").map(({ path }) => String(path.at(-1)));
  return new Set([...region, ...set].map((name) => name.toLowerCase()));
}

/** What a pool picks by is a variable of some route's template; which routes send there may depend on a split. */
function checkAffinities(document: unknown): readonly Problem[] {
  const known = new Set(find(document, "virtual_hosts.*.routes.*").flatMap(variablesOf));
  return findText(document, "pools.*.shard.pick").flatMap(({ path, value }) => {
    const parsed = parsePick(value);
    if ("why" in parsed || parsed.value.kind !== "affinity" || parsed.value.by !== "variable" || known.has(parsed.value.name)) return [];
    return [
      {
        path,
        message: `${subject(path)}: no route's template has a variable ${show(parsed.value.name)}; write {${parsed.value.name}} in one`,
      },
    ];
  });
}
