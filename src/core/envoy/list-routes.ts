import { DEFAULT_CLUSTER_HEADER, HOSTS_KEY, type HostPool, type Rules } from "../rules.ts";
import { hostPools } from "./host-clusters.ts";
import { effort, MAX_RETRIES } from "./retries.ts";
import { quote, yaml } from "./yaml.ts";

/**
 * Routes for requests of which riffle lists the hosts: the longer the list, the more retries, and never more than it has hosts left.
 * By the list and not by the size of shards, which customers have of their own, and which shrink while targets are down.
 */
export function listRoutes(rules: Pick<Rules, "pools">): readonly string[] {
  const sources = new Map<string, Source>();
  for (const pool of hostPools(rules)) {
    const source = sourceOf(pool.output);
    const longest = Math.max(sources.get(source.name)?.longest ?? 0, pool.targets.length);
    sources.set(source.name, { ...source, longest });
  }
  return [...sources.values()].flatMap(({ name, match, longest }) =>
    Array.from({ length: Math.min(longest - 1, MAX_RETRIES) + 1 }, (_, retries) =>
      listRoute({ name: `${retries + 1}${retries === MAX_RETRIES ? " or more" : ""} by ${name}`, match: match(pattern(retries)), retries }),
    ),
  );
}

interface Source {
  readonly name: string;
  readonly longest: number; // list
  readonly match: (regex: string) => string; // fields of a RouteMatch
}

/** Where a list stands. */
const sourceOf = (output: HostPool["output"]): Source =>
  output.kind === "override_host"
    ? { name: output.header, longest: 0, match: (regex) => `headers: [{ name: ${quote(output.header)}, string_match: ${matches(regex)} }]` }
    : {
        name: output.namespace,
        longest: 0,
        match: (regex) =>
          `dynamic_metadata: [{ filter: ${output.namespace}, path: [{ key: ${HOSTS_KEY} }], value: { string_match: ${matches(regex)} } }]`,
      };

const matches = (regex: string): string => `{ safe_regex: { regex: ${quote(regex)} } }`;

/** Lists of so many hosts and one, in full; the last pattern takes longer ones as well. */
const pattern = (commas: number): string => `[^,]+(,[^,]+){${commas}${commas === MAX_RETRIES ? "," : ""}}`;

interface ListRoute {
  readonly name: string;
  readonly match: string;
  readonly retries: number;
}

const listRoute = ({ name, match, retries }: ListRoute): string => yaml`
  # riffle listed ${retries === MAX_RETRIES ? `${retries + 1} hosts or more` : retries === 0 ? "one host" : `${retries + 1} hosts`}: as many attempts, each at the next one.
  - name: ${quote(`hosts ${name}`)}
    match: { prefix: /, ${match} }
    route:
      cluster_header: ${DEFAULT_CLUSTER_HEADER}
      ${effort(retries)}
    # The list goes later, in the cluster: here it would be gone before a host is chosen.
    request_headers_to_remove: [${DEFAULT_CLUSTER_HEADER}]
`;
