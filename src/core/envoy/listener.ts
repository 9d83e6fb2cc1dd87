import type { Rules, TcpAddress } from "../rules.ts";
import { clusterAddresses } from "./clusters.ts";
import { filter, guards } from "./filter.ts";
import type { EnvoyOptions } from "./options.ts";
import { routes } from "./routes.ts";
import { address, yaml } from "./yaml.ts";

/** The listener of the complete bootstrap, as one entry of `listeners`. */
export function listener(rules: Rules, options: EnvoyOptions): string {
  return yaml`
    - name: ingress
      address: ${listenAddress(rules.envoy.listen)}
      filter_chains:
      - filters:
        - name: envoy.filters.network.http_connection_manager
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
            stat_prefix: ingress
            # The client is the peer, whatever x-forwarded-for claims. Behind another proxy add xff_num_trusted_hops.
            use_remote_address: true
            # Slow and silent clients hold no connection for ever.
            request_headers_timeout: 10s
            stream_idle_timeout: 300s
            ${guards(rules)}
            ${ACCESS_LOG}
            route_config:
              name: ingress
              ${isFallbackElsewhere(rules) ? UNKNOWN_FALLBACK : ""}
              virtual_hosts:
              - name: all
                domains: ["*"]
                routes:
                ${routes(rules)}
            http_filters:
            ${filter(rules, options)}
            - name: envoy.filters.http.router
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
  `;
}

/** `::` alone would take no IPv4 in Envoy, while riffle's own listeners there do. */
const listenAddress = (where: TcpAddress): string =>
  where.host === "::" ? `{ socket_address: { address: "::", ipv4_compat: true, port_value: ${where.port} } }` : address(where);

function isFallbackElsewhere({ envoy: { whenDown }, ...rules }: Rules): boolean {
  return whenDown !== "refuse" && (clusterAddresses(rules).get(whenDown.fallback) ?? []).length === 0;
}

const UNKNOWN_FALLBACK = yaml`
  # The fallback cluster has no address in the rules; Envoy may learn it later. Until then the fallback is 503.
  validate_clusters: false
`;

const ACCESS_LOG = yaml`
  access_log:
  - name: envoy.access_loggers.stdout
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog
      log_format:
        json_format:
          method: "%REQ(:METHOD)%"
          path: "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%"
          status: "%RESPONSE_CODE%"
          flags: "%RESPONSE_FLAGS%"
          # Why: riffle's own words for its answers, or what failed.
          details: "%RESPONSE_CODE_DETAILS%"
          route: "%ROUTE_NAME%"
          cluster: "%UPSTREAM_CLUSTER%"
          upstream: "%UPSTREAM_HOST%"
          # How long the request waited for riffle, in microseconds.
          riffle_us: "%FILTER_STATE(envoy.filters.http.ext_proc:FIELD:request_header_latency_us)%"
`;
