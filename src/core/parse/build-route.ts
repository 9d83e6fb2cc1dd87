import { toByteString } from "../bytes.ts";
import type { Output } from "../output.ts";
import type { Destination, DiscoveryRules, HeaderChange, RegionRules, Route, RouteTarget, VirtualHost } from "../route-rules.ts";
import { DEFAULT_CLUSTER_HEADER, type PoolRules } from "../rules.ts";
import { buildMatch } from "./build-match.ts";
import type { Shape } from "./shape.ts";
import type { RouteShape, VirtualHostShape } from "./shape-route.ts";

/** What routes refer to by name. */
export interface Named {
  readonly pools: ReadonlyMap<string, PoolRules>;
  readonly discovery: ReadonlyMap<string, DiscoveryRules>;
  readonly defaults: Shape["defaults"];
}

/** Virtual hosts with their routes, from a document that has no problems. */
export function buildVirtualHosts(written: readonly VirtualHostShape[] | undefined, named: Named): readonly VirtualHost[] {
  if (written === undefined) return implied(named);
  return written.map(({ hosts, routes }) => ({
    hosts,
    routes: routes.map((route, index) => buildRoute(`${hosts[0]}#${index}`, route, named)),
  }));
}

/** Without virtual hosts everything goes to the only pool; with several nobody knows to which. */
function implied(named: Named): readonly VirtualHost[] {
  const [pool, ...others] = named.pools.keys();
  if (pool === undefined || others.length > 0) return [];
  return [{ hosts: ["*"], routes: [buildRoute("*#0", { ...PLAIN, target: { pool } }, named)] }];
}

const NO_CHANGES: RouteShape["request"] = { set: {}, add: {}, remove: [] };
const PLAIN: Omit<RouteShape, "target"> = {
  match: { headers: [], query: [], percent: 10_000 },
  request: NO_CHANGES,
  response: NO_CHANGES,
  stats: "request",
};

function buildRoute(place: string, written: RouteShape, named: Named): Route {
  const { name = place, match, target, region, request, response, stats, on_error } = written;
  return {
    name,
    match: buildMatch(match),
    target: buildTarget(target),
    region: region && buildRegion(region, named),
    request: buildChanges(request),
    response: buildChanges(response),
    hasStats: stats === "response",
    onError: buildOnError(on_error ?? named.defaults.on_error, target, named),
  };
}

function buildTarget({ pool, cluster, header, allowed, split, redirect, direct_response: direct }: RouteShape["target"]): RouteTarget {
  if (header !== undefined) return { kind: "header", header, allowed: allowed && new Map(allowed.map((name) => [name, outputTo(name)])) };
  if (split !== undefined) {
    return { kind: "split", parts: split.map(({ weight, ...to }) => ({ weight, to: buildDestination(to) })) };
  }
  if (redirect !== undefined) {
    const { strip_query: stripsQuery, status, scheme, host, port, path } = redirect;
    return { kind: "redirect", status, scheme, host, port, path, stripsQuery };
  }
  if (direct === undefined) return buildDestination({ pool, cluster });
  return {
    kind: "direct_response",
    status: direct.status,
    body: direct.body === undefined ? undefined : Buffer.from(direct.body, "latin1"),
  };
}

/** One of the two is there. */
function buildDestination({
  pool,
  cluster = "",
}: {
  readonly pool?: string | undefined;
  readonly cluster?: string | undefined;
}): Destination {
  return pool === undefined ? { kind: "cluster", cluster, output: outputTo(cluster) } : { kind: "pool", pool };
}

/** What makes Envoy send an exchange to a cluster. */
const outputTo = (cluster: string, name = DEFAULT_CLUSTER_HEADER): Output => ({ edits: [{ name, value: cluster }] });

/** The default target is named in every header that the route's own target would stand in: there may be one left by an earlier policy. */
function buildOnError(
  outcome: Shape["defaults"]["on_error"],
  { pool, split }: RouteShape["target"],
  { pools, defaults }: Named,
): Route["onError"] {
  if (outcome !== "default_target") return outcome === "deny" ? outcome : {};
  const outputs = (split ?? [{ pool }]).map((part) => pools.get(part.pool ?? "")?.output);
  const headers = new Set(outputs.map((own) => (own?.kind === "cluster_header" ? own.header : DEFAULT_CLUSTER_HEADER)));
  return { edits: [...headers].flatMap((name) => outputTo(defaults.default_target ?? "", name).edits ?? []) };
}

function buildRegion({ discovery, header, allowed, fallback }: NonNullable<RouteShape["region"]>, named: Named): RegionRules | undefined {
  const rules = named.discovery.get(discovery); // it exists: check-names.ts
  return rules && { discovery: rules, header, allowed, fallback: fallback === undefined ? undefined : toByteString(fallback) };
}

/** What is removed comes first: a header may be removed and then added to. */
function buildChanges({ set, add, remove }: RouteShape["request"]): readonly HeaderChange[] {
  return [
    ...remove.map((name) => ({ kind: "remove", name, value: NOTHING }) as const),
    ...Object.entries(set).map(([name, value]) => ({ kind: "set", name: name.toLowerCase(), value }) as const),
    ...Object.entries(add).flatMap(([name, values]) => values.map((value) => ({ kind: "add", name: name.toLowerCase(), value }) as const)),
  ];
}

const NOTHING: HeaderChange["value"] = { parts: [] };
