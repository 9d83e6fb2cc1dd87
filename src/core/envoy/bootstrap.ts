import type { Rules } from "../rules.ts";
import { riffleCluster, targetClusters } from "./clusters.ts";
import { filter, guards } from "./filter.ts";
import { hostClusters } from "./host-clusters.ts";
import { listener } from "./listener.ts";
import { DEFAULT_ADMIN, type EnvoyOptions, type EnvoyPart, NEWEST_ENVOY } from "./options.ts";
import { routes } from "./routes.ts";
import { address, yaml } from "./yaml.ts";

/**
 * The Envoy configuration that fits the rules, as commented YAML: the complete bootstrap, or one part of it for those who
 * have an Envoy. The same input gives the same text. Never throws for rules that were parsed.
 */
export function generateEnvoy(rules: Rules, options: EnvoyOptions = {}): string {
  const write = options.part === undefined ? bootstrap : PARTS[options.part];
  return `${write(rules, options)}\n`;
}

const PARTS: Readonly<Record<EnvoyPart, (rules: Rules, options: EnvoyOptions) => string>> = {
  filter: (rules, options) => yaml`
    # Into the typed_config of your HTTP connection manager; where you have a key already, merge the two.
    # Leave the runtime flag envoy.reloadable_features.ext_proc_graceful_grpc_close off.
    ${guards(rules)}
    http_filters:
    # Ahead of your other filters, RBAC and ext_authz among them: riffle may choose another route than they have judged.
    ${filter(rules, options)}
  `,
  cluster: (rules, options) => yaml`
    # Into static_resources.clusters.
    ${riffleCluster(rules, options)}
    ${hostClusters(rules)}
  `,
  routes: (rules) => yaml`
    # Into the routes of your virtual host, in this order and nothing ahead of them that must not pass riffle's judgement by.
    ${routes(rules)}
  `,
};

function bootstrap(rules: Rules, options: EnvoyOptions): string {
  return yaml`
    # Made by "riffle envoy" for Envoy ${options.envoyVersion ?? NEWEST_ENVOY}, from the rules ${rules.hash}. Make it anew when pools, clusters,
    # headers or the part "envoy" of the rules change. Check: envoy --mode validate -c FILE
    node: { id: edge-1, cluster: edge }

    admin:
      # Whoever reaches this page can stop Envoy: loopback only.
      address: ${address(options.admin ?? DEFAULT_ADMIN)}

    layered_runtime:
      layers:
      - name: static
        static_layer:
          # Envoy resets every stream to riffle after its last reply, which costs nothing there. Set true, it would half-close
          # and wait, and Envoy 1.40.0 can crash on SIGTERM meanwhile.
          envoy.reloadable_features.ext_proc_graceful_grpc_close: false

    overload_manager:
      resource_monitors:
      # Envoy would accept connections until it has no file descriptor left for its own.
      - name: envoy.resource_monitors.global_downstream_max_connections
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig
          max_active_downstream_connections: 50000

    static_resources:
      listeners:
      ${listener(rules, options)}

      clusters:
      ${riffleCluster(rules, options)}

      ${[targetClusters(rules), hostClusters(rules)].filter((text) => text !== "").join("\n")}
  `;
}
