import { parse } from "yaml";
import { type Deciding, TARGETS } from "./rows.ts";

/**
 * The configuration of a row's Envoy, out of what `riffle envoy` generates: all else stays as it is, so that rows differ in
 * who decides and in nothing more. Returns YAML. Throws when the generated text has not the parts to replace.
 */
export function envoyConfig(generated: string, deciding: Deciding): string {
  const config = parse(generated) as Bootstrap;
  const manager = config.static_resources.listeners[0]?.filter_chains[0]?.filters[0]?.typed_config;
  const place = manager?.http_filters.findIndex(({ name }) => name === EXT_PROC) ?? -1;
  const host = manager?.route_config.virtual_hosts[0];
  if (manager === undefined || host === undefined || place < 0) throw new Error("not the Envoy configuration that riffle generates");
  if (deciding === "nobody") {
    manager.http_filters.splice(place, 1);
    host.routes = [ROUTE_TO_ALL];
  }
  if (deciding === "lua") manager.http_filters[place] = LUA;
  return JSON.stringify(config, undefined, 1); // JSON is YAML
}

const EXT_PROC = "envoy.filters.http.ext_proc";

interface Bootstrap {
  readonly static_resources: {
    readonly listeners: readonly {
      readonly filter_chains: readonly { readonly filters: readonly { readonly typed_config: Manager }[] }[];
    }[];
  };
}

interface Manager {
  readonly http_filters: { readonly name: string }[];
  readonly route_config: { readonly virtual_hosts: { routes: readonly unknown[] }[] };
}

/** Envoy alone: no decision, but the same number of targets, so that it keeps as many connections to them. */
const ROUTE_TO_ALL = {
  match: { prefix: "/" },
  route: { timeout: "15s", weighted_clusters: { clusters: TARGETS.map((name) => ({ name, weight: 1 })) } },
};

/**
 * The same job in Lua: the customer's header, a hash of it (djb2: a fair and cheap one, not riffle's), two of eight targets,
 * one of them by chance, the header that routing reads, and the route looked up again.
 */
const DECIDE_IN_LUA = `
local targets = { ${TARGETS.map((target) => `"${target}"`).join(", ")} }

function envoy_on_request(handle)
  local headers = handle:headers()
  local customer = headers:get("x-customer-id")
  if customer == nil then
    handle:respond({ [":status"] = "400" }, "")
    return
  end
  local hash = 5381
  for i = 1, #customer do
    hash = (hash * 33 + customer:byte(i)) % 4294967296
  end
  local choice = hash % 8
  if math.random(2) == 2 then
    choice = (choice + 1 + math.floor(hash / 8) % 7) % 8
  end
  headers:replace("x-target-cluster", targets[choice + 1])
  handle:clearRouteCache()
end
`;

const LUA = {
  name: "envoy.filters.http.lua",
  typed_config: {
    "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
    default_source_code: { inline_string: DECIDE_IN_LUA },
  },
};
