import { isIp } from "../parse/address.ts";
import { type Address, isHostPool, RIFFLE_CLUSTER, type Rules, type TcpAddress } from "../rules.ts";
import { type EnvoyOptions, isTls, riffleAddresses } from "./options.ts";
import { tlsSocket } from "./tls.ts";
import { address, quote, seconds, yaml } from "./yaml.ts";

/** riffle's own cluster, as one entry of `clusters`. */
export function riffleCluster(rules: Rules, options: EnvoyOptions): string {
  const interval = seconds(rules.envoy.healthIntervalMs);
  const addresses = riffleAddresses(rules, options);
  const tls = addresses.some((where) => isTls(where, rules)) ? rules.envoy.tls : undefined;
  return yaml`
    - name: ${RIFFLE_CLUSTER}
      ${discovery(addresses)}
      connect_timeout: 0.25s
      lb_policy: LEAST_REQUEST
      common_lb_config:
        # A draining or dead riffle gets no more streams: without panic routing Envoy acts at once, not after a timeout per request.
        healthy_panic_threshold: { value: 0 }
        # Workers would hear up to 1 s late of a riffle that drains right after another one came up, and send it streams till then.
        update_merge_window: 0s
      health_checks:
      - timeout: 0.5s
        interval: ${interval}
        # 60 s unless set, and a riffle that is back would wait for it.
        no_traffic_interval: ${interval}
        unhealthy_threshold: 2
        healthy_threshold: 1
        grpc_health_check: { service_name: envoy.service.ext_proc.v3.ExternalProcessor }
      # One stream per request in flight: the default of 1024 would fail requests under load.
      circuit_breakers:
        thresholds:
        - { max_connections: 1024, max_requests: 100000, max_pending_requests: 100000, track_remaining: true }
      typed_extension_protocol_options:
        envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
          "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
          explicit_http_config:
            http2_protocol_options:
              # A dead or frozen peer is noticed by ping, not by requests that time out.
              connection_keepalive: { interval: 10s, timeout: 2s, connection_idle_interval: 5s }
              # All streams share one connection per worker: room for many at once.
              initial_stream_window_size: 1048576
              initial_connection_window_size: 16777216
      ${tls === undefined ? "" : tlsSocket(tls, addresses)}
      ${loadAssignment(RIFFLE_CLUSTER, addresses)}
  `;
}

/** Every fixed cluster and every target that is one, as entries of `clusters`; of one without an address only a comment. */
export function targetClusters(rules: Rules): string {
  return [...clusterAddresses(rules)].map(([name, addresses]) => targetCluster(name, addresses)).join("\n");
}

/** The addresses behind every cluster of the rules but those that are whole pools; empty where the rules do not tell. */
export function clusterAddresses(rules: Pick<Rules, "clusters" | "pools">): ReadonlyMap<string, readonly TcpAddress[]> {
  const found = new Map(rules.clusters);
  for (const pool of rules.pools.values()) {
    if (isHostPool(pool)) continue;
    for (const { id, address } of pool.targets) {
      const known = found.get(id) ?? [];
      found.set(id, address === undefined || known.some((other) => isSame(other, address)) ? known : [...known, address]);
    }
  }
  return found;
}

const isSame = (a: TcpAddress, b: TcpAddress): boolean => a.host === b.host && a.port === b.port;

function targetCluster(name: string, addresses: readonly TcpAddress[]): string {
  if (addresses.length === 0) return `# Not here: ${quote(name)} has no address in the rules. Envoy must have a cluster of this name.`;
  return yaml`
    - name: ${quote(name)}
      ${discovery(addresses)}
      connect_timeout: 1s
      ${loadAssignment(name, addresses)}
  `;
}

function discovery(addresses: readonly Address[]): string {
  if (addresses.every((where) => where.kind === "unix" || isIp(where.host))) return "type: STATIC";
  return yaml`
    type: STRICT_DNS
    respect_dns_ttl: true
    # Envoy's default takes IPv6 alone where a name has both, and localhost usually has both.
    dns_lookup_family: V4_PREFERRED
  `;
}

function loadAssignment(name: string, addresses: readonly Address[]): string {
  return yaml`
    load_assignment:
      cluster_name: ${quote(name)}
      endpoints:
      - lb_endpoints:
        ${addresses.map((where) => `- endpoint: { address: ${address(where)} }`).join("\n")}
  `;
}
