import type { HeaderMatch, PathMatch, QueryMatch, Route, TextMatch, VirtualHost } from "../../../src/core/route-rules.ts";

/** The response header in which Envoy says which route it chose. */
export const ROUTE_HEADER = "x-route";

/**
 * An Envoy with a listener for each of these sets of virtual hosts, named by its place, that routes by itself and answers at
 * once, saying the route's name. What Envoy would change about a path is off, as it is unless somebody asks for it.
 */
export const envoyConfig = (sets: readonly (readonly VirtualHost[])[]): string =>
  JSON.stringify({
    admin: { address: loopback },
    // Envoy refuses a regex of more than 100 instructions unless told otherwise.
    layered_runtime: { layers: [{ name: "static", static_layer: { "re2.max_program_size.error_level": 100_000 } }] },
    static_resources: {
      listeners: sets.map((all, index) => ({ name: `${index}`, address: loopback, filter_chains: [{ filters: [manager(all)] }] })),
    },
  });

const loopback = { socket_address: { address: "127.0.0.1", port_value: 0 } };

const manager = (all: readonly VirtualHost[]) => ({
  name: "envoy.filters.network.http_connection_manager",
  typed_config: {
    "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
    stat_prefix: "routes",
    route_config: {
      virtual_hosts: all.map(({ hosts, routes }, index) => ({ name: `${index}`, domains: hosts, routes: routes.map(toRoute) })),
    },
    http_filters: [
      {
        name: "envoy.filters.http.router",
        typed_config: { "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" },
      },
    ],
  },
});

function toRoute({ name, match }: Route): object {
  const { path, methods, headers, query, basisPoints } = match;
  return {
    match: {
      ...toPath(path),
      headers: [...(methods.length > 0 ? [toMethods(methods)] : []), ...headers.map(toHeader)],
      query_parameters: query.map(toQuery),
      ...(basisPoints === 0 && { runtime_fraction: { default_value: { numerator: 0 } } }), // no other share can be compared
    },
    direct_response: { status: 200 },
    response_headers_to_add: [{ header: { key: ROUTE_HEADER, value: name } }],
  };
}

function toPath(match: PathMatch): object {
  switch (match.kind) {
    case "exact":
      return { path: text(match.path) };
    case "prefix":
      return { prefix: text(match.prefix) };
    case "segments":
      return { path_separated_prefix: text(match.prefix) };
    case "regex":
      return { safe_regex: { regex: match.regex } };
    case "template":
      return {
        path_match_policy: {
          name: "envoy.path.match.uri_template.uri_template_matcher",
          typed_config: {
            "@type": "type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig",
            path_template: match.template,
          },
        },
      };
  }
}

const toMethods = (methods: readonly string[]) => ({ name: ":method", string_match: { safe_regex: { regex: methods.join("|") } } });

const toHeader = ({ name, test, isInverted }: HeaderMatch): object => ({ name, ...toHeaderTest(test), invert_match: isInverted });

function toHeaderTest(test: HeaderMatch["test"]): object {
  if (test.kind === "present") return { present_match: true };
  return test.kind === "range" ? { range_match: { start: test.from, end: test.to } } : { string_match: toText(test) };
}

const toQuery = ({ name, test }: QueryMatch): object => ({
  name,
  ...(test.kind === "present" ? { present_match: true } : { string_match: toText(test) }),
});

const toText = (match: TextMatch): object =>
  match.kind === "regex" ? { safe_regex: { regex: match.regex } } : { [match.kind]: text(match.text) };

/** Byte string → text for YAML. */
const text = (bytes: string): string => Buffer.from(bytes, "latin1").toString("utf8");
