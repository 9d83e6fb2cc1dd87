import type { EnvoyPart } from "../../../src/core/envoy/options.ts";

/** The smallest Envoy configuration of somebody else's, with generated parts pasted where their comments say. */
export const embed = ({ filter = "http_filters:\n", cluster = OWN_RIFFLE, routes = "" }: Partial<Record<EnvoyPart, string>>): string => `
static_resources:
  listeners:
  - address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: own
          route_config:
            virtual_hosts:
            - name: own
              domains: ["*"]
              routes:
              - { match: { path: /own }, direct_response: { status: 204 } }
${indent(routes, 14)}
${indent(filter, 10)}
          - name: envoy.filters.http.router
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
  clusters:
${indent(cluster, 2)}
`;

const OWN_RIFFLE = `- name: riffle
  type: STATIC
  load_assignment: { cluster_name: riffle }
`;

const indent = (text: string, columns: number): string => text.trimEnd().replace(/^(?=.)/gm, " ".repeat(columns));
