import { isHostPool, LB_NAMESPACE, looksAtResponses, RIFFLE_CLUSTER, type Rules } from "../rules.ts";
import { stripList } from "../strip-list.ts";
import { hostPools } from "./host-clusters.ts";
import { type EnvoyOptions, type EnvoyVersion, NEWEST_ENVOY } from "./options.ts";
import { quote, seconds, yaml } from "./yaml.ts";

/** Settings of the HTTP connection manager without which riffle could be deceived: one meaning per header and path. */
export function guards(rules: Rules): string {
  const { names, prefixes } = stripList(rules);
  return yaml`
    # riffle changes nothing in a path: it matches what Envoy shows it, and so do the targets. These make one spelling of many, before
    # riffle sees the path; in rules, write paths as they are afterwards.
    # /a/../b and /a/%2e%2e/b become /b, /a\\b becomes /a/b, and %41 becomes A, as every letter, digit and - . _ ~ is unescaped
    # (RFC 3986, section 6). Other escapes stay as they are sent: %c3 and %C3 are two paths. A path with %00 is refused (400).
    normalize_path: true
    # /a//b becomes /a/b.
    merge_slashes: true
    # For /a%2Fb and /a%5Cb the client is redirected to /a/b (307).
    path_with_escaped_slashes_action: UNESCAPE_AND_REDIRECT
    common_http_protocol_options:
      # x_target_cluster is another header to Envoy, but the same one to many frameworks behind it.
      headers_with_underscores_action: REJECT_REQUEST
      idle_timeout: 300s
    # Control headers a client sends are gone before a route is looked up and before any filter runs, with riffle up or down.
    early_header_mutation_extensions:
    - name: envoy.http.early_header_mutation.header_mutation
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation
        mutations:
        ${names.map((name) => `- remove: ${quote(name)}`).join("\n")}
        ${prefixes.map((prefix) => `- remove_on_match: { key_matcher: { prefix: ${quote(prefix)} } }`).join("\n")}
  `;
}

/** The ext_proc filter, as one entry of `http_filters`; it goes before filters that judge by route, and before the router. */
export function filter(rules: Rules, { envoyVersion = NEWEST_ENVOY }: EnvoyOptions): string {
  return yaml`
    - name: envoy.filters.http.ext_proc
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor
        grpc_service:
          envoy_grpc: { cluster_name: ${RIFFLE_CLUSTER} }
        ${rules.envoy.whenDown === "refuse" ? REFUSE : FALL_BACK}
        # Covers opening the stream too. riffle answers at 80 % of it at the latest.
        message_timeout: ${seconds(rules.envoy.messageTimeoutMs)}
        # How far riffle may prolong it for one message.
        max_message_timeout: ${seconds(Math.max(2000, rules.envoy.messageTimeoutMs))}
        # Half the messages: riffle asks for the response per request, by override. With SEND here, Envoy's own 400 and 431 for
        # malformed requests would turn into a closed connection.
        processing_mode:
          request_header_mode: SEND
          response_header_mode: SKIP
          request_body_mode: NONE
          response_body_mode: NONE
          request_trailer_mode: SKIP
          response_trailer_mode: SKIP
        allow_mode_override: true
        ${knowsContentLength(envoyVersion) ? CONTENT_LENGTH : ""}
        ${attributes(rules)}
        ${hearsHosts(rules) ? LISTS : DECISIONS}
  `;
}

/** What riffle needs to know beyond headers, where a pool asks for it. */
function attributes({ pools }: Pick<Rules, "pools">): string {
  const all = [...pools.values()];
  const byIp = all.some(({ shard: { pick } }) => pick.kind === "affinity" && pick.by === "source_ip");
  const counted = all.some((pool) => isHostPool(pool) && looksAtResponses(pool));
  return [byIp ? SOURCE : "", counted ? ATTEMPTS : ""].filter((text) => text !== "").join("\n");
}

const SOURCE = yaml`
  # A pool picks by the client's address.
  request_attributes: [source.address]
`;

const ATTEMPTS = yaml`
  # Which host of its list has answered: the first, or after how many that could not be reached.
  response_attributes: [upstream.request_attempt_count]
`;

const hearsHosts = (rules: Pick<Rules, "pools">): boolean => hostPools(rules).some(({ output }) => output.kind === "metadata");

const DECISIONS = yaml`
  # What riffle says of its decision, for the access log; other namespaces are dropped.
  metadata_options: { receiving_namespaces: { untyped: [riffle] } }
`;

const LISTS = yaml`
  # What riffle says of its decision, for the access log, and the lists of hosts; other namespaces are dropped.
  metadata_options: { receiving_namespaces: { untyped: [riffle, ${LB_NAMESPACE}] } }
`;

const REFUSE = yaml`
  # riffle away: 503 at once (500 without status_on_error; 504 while it is silent, until health checks notice).
  failure_mode_allow: false
  status_on_error: { code: ServiceUnavailable }
`;

const FALL_BACK = yaml`
  # riffle away: the request goes on, to the fallback route. Safe only together with early_header_mutation_extensions.
  failure_mode_allow: true
`;

const CONTENT_LENGTH = yaml`
  # A streamed response keeps its length. Envoy 1.38 and newer; older ones refuse the whole file for this line.
  allow_content_length_header: true
`;

const knowsContentLength = (version: EnvoyVersion): boolean => version !== "1.36" && version !== "1.37";
