import { isIp } from "../parse/address.ts";
import { HOSTS_KEY, type HostPool, isHostPool, type Rules, TARGET_KEY } from "../rules.ts";
import { address, quote, yaml } from "./yaml.ts";

/** Every pool that is one Envoy cluster, as entries of `clusters`; empty when there is none. */
export function hostClusters(rules: Pick<Rules, "pools">): string {
  return hostPools(rules).map(hostCluster).join("\n");
}

/** The pools that are one Envoy cluster each. */
export const hostPools = ({ pools }: Pick<Rules, "pools">): readonly HostPool[] => [...pools.values()].filter(isHostPool);

function hostCluster({ name, targets, output }: HostPool): string {
  return yaml`
    # The targets of pool ${name}, of which riffle lists those that may serve a request.
    - name: ${quote(name)}
      type: STATIC
      connect_timeout: 1s
      load_balancing_policy:
        policies:
        - typed_extension_config:
            name: envoy.load_balancing_policies.override_host
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.load_balancing_policies.override_host.v3.OverrideHost
              override_host_sources:
              ${source(output)}
              # A list that is missing, unknown or used up. Any other policy here would choose among all targets, and so leave the
              # customer's shard: this one knows hosts by their id alone, and without one it has none (503).
              fallback_policy:
                policies:
                - typed_extension_config:
                    name: envoy.load_balancing_policies.subset
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.load_balancing_policies.subset.v3.Subset
                      fallback_policy: NO_FALLBACK
                      subset_selectors:
                      - keys: [${TARGET_KEY}]
                        fallback_policy: NO_FALLBACK
                      ${output.kind === "metadata" ? REDUNDANT : ""}
                      subset_lb_policy:
                        policies:
                        - typed_extension_config:
                            name: envoy.load_balancing_policies.round_robin
                            typed_config:
                              "@type": type.googleapis.com/envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin
      # Shared by all customers of the pool, and so no bound that one of them could use up; each host has its own.
      circuit_breakers:
        thresholds:
        - { max_connections: 100000, max_requests: 100000, max_pending_requests: 100000, max_retries: 100000 }
        per_host_thresholds:
        - { max_connections: 1024 }
      ${output.kind === "override_host" ? hideList(output.header) : ""}
      load_assignment:
        cluster_name: ${quote(name)}
        endpoints:
        - lb_endpoints:
          ${targets.map(endpoint).join("\n")}
  `;
}

const source = (output: HostPool["output"]): string =>
  output.kind === "override_host"
    ? `- header: ${quote(output.header)}`
    : `- metadata: { key: ${output.namespace}, path: [{ key: ${HOSTS_KEY} }] }`;

const REDUNDANT = yaml`
  # The list is metadata too, and no selector.
  allow_redundant_keys: true
`;

/** Removed on the route, the list would be gone before a host is chosen. */
const hideList = (header: string): string => yaml`
  typed_extension_protocol_options:
    envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
      "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
      explicit_http_config: { http_protocol_options: {} }
      # These run once a host is chosen: no target sees who else is in the shard.
      http_filters:
      - name: envoy.filters.http.header_mutation
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation
          mutations: { request_mutations: [{ remove: ${quote(header)} }] }
      - name: envoy.filters.http.upstream_codec
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec
`;

function endpoint({ id, address: where }: HostPool["targets"][number]): string {
  if (where === undefined || !isIp(where.host)) throw new TypeError(`target ${id} is no host`); // not parsed by us
  return yaml`
    - endpoint: { address: ${address(where)} }
      metadata: { filter_metadata: { envoy.lb: { ${TARGET_KEY}: ${quote(id)} } } }
  `;
}
