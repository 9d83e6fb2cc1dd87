import type { Problem } from "../rules.ts";
import { clusterNames } from "./check-names.ts";
import { variablesOf } from "./check-variables.ts";
import { setHeaders } from "./control-headers.ts";
import { type Found, find, findText, subject } from "./find.ts";
import { parseHeaderValue } from "./header-value.ts";
import { parsePick } from "./pick.ts";
import { show } from "./scalar.ts";
import { suggest } from "./suggest.ts";

/** Where routes send requests: headers that somebody sets, to clusters that exist; variables that some template has. */
export function checkTargets(document: unknown): readonly Problem[] {
  const clusters = clusterNames(document);
  const routes = find(document, "virtual_hosts.*.routes.*");
  return [...routes.flatMap((route) => [...checkHeaderTarget(route), ...checkSet(route, clusters)]), ...checkAffinities(document, routes)];
}

/** The header that a route is sent by, where it is one. */
const headerOf = (route: Found): (Found & { readonly value: string }) | undefined => findText(route.value, "target.header")[0];

const isAllowing = (route: Found): boolean => find(route.value, "target.allowed").length > 0;

/** A cluster is named by what the route itself sets; a client may choose only among those it is allowed to. */
function checkHeaderTarget(route: Found): readonly Problem[] {
  const target = headerOf(route);
  if (target === undefined) return [];
  const path = [...route.path, ...target.path];
  const isOpen = isAllowing(route);
  if (isOpen === !setHeaders(route).has(target.value.toLowerCase())) return [];
  const why = isOpen
    ? "is set by the route itself; leave allowed out, or name a header that clients send"
    : "is set by nobody; add region or request: {set} to the route, or list the clusters that clients may name as allowed";
  return [{ path, message: `${subject(path)} ${show(target.value)} ${why}` }];
}

/**
 * What a route is sent by names clusters that exist, whatever the request: no client may write any part of it, or it would choose
 * among all that Envoy knows, riffle's own included.
 */
function checkSet(route: Found, clusters: readonly string[]): readonly Problem[] {
  const target = headerOf(route);
  if (target === undefined || isAllowing(route)) return [];
  const regions = findText(route.value, "region.allowed.*").map(({ value }) => value);
  return findText(route.value, "request.set.*")
    .filter(({ path }) => String(path.at(-1)).toLowerCase() === target.value.toLowerCase())
    .flatMap(({ path, value }) => {
      const why = whyNoCluster(value, regions, clusters);
      return why === undefined ? [] : [{ path: [...route.path, ...path], message: `${subject(path)} ${why}` }];
    });
}

function whyNoCluster(written: string, regions: readonly string[], clusters: readonly string[]): string | undefined {
  const parsed = parseHeaderValue(written);
  if ("why" in parsed) return undefined; // the schema says so
  const { parts } = parsed.value;
  const foreign = parts.find((part) => "variable" in part && part.variable !== "region");
  if (foreign !== undefined && "variable" in foreign)
    return `names a cluster, and {${foreign.variable}} could name any; write a cluster, with {region} at the most`;
  const has = parts.some((part) => "variable" in part);
  for (const region of has ? regions : [""]) {
    const cluster = parts.map((part) => ("text" in part ? part.text : region)).join("");
    if (!clusters.includes(cluster)) return `${show(cluster)} does not exist; ${suggest(cluster, clusters)}`;
  }
  return undefined;
}

/**
 * What a pool picks by is a variable of a template of some route that leads there: it may take a split to get there, and a pool that
 * no route names may be somebody's quarantine.
 */
function checkAffinities(document: unknown, routes: readonly Found[]): readonly Problem[] {
  return findText(document, "pools.*.shard.pick").flatMap(({ path, value }) => {
    const parsed = parsePick(value);
    if ("why" in parsed || parsed.value.kind !== "affinity" || parsed.value.by !== "variable") return [];
    const { name } = parsed.value;
    const leading = routes.filter((route) => leadsTo(route, String(path[1])));
    if ((leading.length > 0 ? leading : routes).some((route) => variablesOf(route).includes(name))) return [];
    return [
      { path, message: `${subject(path)}: no template of a route to this pool has a variable ${show(name)}; write {${name}} in one` },
    ];
  });
}

const leadsTo = (route: Found, pool: string): boolean =>
  ["target.pool", "target.split.*.pool"].some((pattern) => findText(route.value, pattern).some(({ value }) => value === pool));
