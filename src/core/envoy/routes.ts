import type { RouteTarget } from "../route-rules.ts";
import { DEFAULT_CLUSTER_HEADER, type Rules } from "../rules.ts";
import { listRoutes } from "./list-routes.ts";
import { effort } from "./retries.ts";
import { quote, yaml } from "./yaml.ts";

/**
 * The routes of the virtual host: those for lists of hosts, by their length; one per header that riffle names a cluster in; then
 * what holds when it named none.
 */
export function routes(rules: Rules): string {
  const headers = outputHeaders(rules);
  const isOnly = headers.length === 1;
  return [
    ...listRoutes(rules),
    ...headers.map(({ header, isForTarget }) =>
      pickedRoute(header, isOnly ? "picked" : `picked by ${header}`, isForTarget ? "" : remove(header)),
    ),
    rules.envoy.whenDown === "refuse" ? REFUSED : fallbackRoute(rules.envoy.whenDown.fallback),
  ].join("\n");
}

/**
 * Every header that a decision may name a cluster in. Fixed clusters are named in the default one. Those of routes that are sent by
 * what they say themselves (a region) come last: on other routes such a header only tells, and another one sends.
 */
function outputHeaders({ pools, virtualHosts }: Pick<Rules, "pools" | "virtualHosts">): readonly OutputHeader[] {
  const chosen = new Set([...pools.values()].flatMap(({ output }) => (output.kind === "cluster_header" ? [output.header] : [])));
  chosen.add(DEFAULT_CLUSTER_HEADER);
  const said = new Set(virtualHosts.flatMap(({ routes }) => routes.flatMap(({ target }) => tellingHeaders(target))));
  return [
    ...[...chosen].map((header) => ({ header, isForTarget: false })),
    ...[...said.difference(chosen)].map((header) => ({ header, isForTarget: true })),
  ];
}

interface OutputHeader {
  readonly header: string;
  readonly isForTarget: boolean; // what the route says of the request, which the target may want to know as well
}

const tellingHeaders = (target: RouteTarget): readonly string[] =>
  target.kind === "header" && target.allowed === undefined ? [target.header] : [];

const pickedRoute = (header: string, name: string, removal: string): string => yaml`
  # riffle chose a cluster. A name that Envoy does not know is 503 (flag NC).
  - name: ${quote(name)}
    match: { prefix: /, headers: [{ name: ${quote(header)}, present_match: true }] }
    route:
      cluster_header: ${quote(header)}
      ${effort(2)}
    ${removal}
`;

const remove = (header: string): string => yaml`
  # The target is not told what it is called here; the choice is made before this.
  request_headers_to_remove: [${quote(header)}]
`;

const REFUSED = yaml`
  # riffle chose nothing: refused, never served unjudged.
  - name: refused
    match: { prefix: / }
    direct_response: { status: 503 }
`;

const fallbackRoute = (cluster: string): string => yaml`
  # riffle is away or chose nothing: served all the same, as envoy.when_down says, unauthenticated and not isolated.
  - name: fallback
    match: { prefix: / }
    route:
      cluster: ${quote(cluster)}
      ${effort(2)}
`;
