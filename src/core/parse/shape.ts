import { z } from "zod";
import { DEFAULT_CLUSTER_HEADER, LB_NAMESPACE, type Problem } from "../rules.ts";
import { parseEnvoyListener, parseFilePath, parseListener, parsePeer, parseTcpListener } from "./address.ts";
import { parseDurationMs, parseGraceMs } from "./duration.ts";
import { parseHeaderName, parseHostsHeader } from "./header.ts";
import { explainIssue } from "./issues.ts";
import { parseClusterName, parseSalt, parseZone } from "./names.ts";
import { MAX_SPILL, parsePick, parseShardSize, parseShare } from "./pick.ts";
import { complain, mapping, read, text } from "./schema.ts";
import { discovery } from "./shape-discovery.ts";
import { virtualHost } from "./shape-route.ts";
import { parseRedis } from "./store.ts";

// What riffle.yaml may look like, each value by itself; with shape-route.ts and schema.ts the only part of core that knows zod. What values have to do with
// each other is checked in cross-check.ts; keys of `pools` and `clusters` are names, and so are checked there as well.

const listener = text(parseListener);
const peer = text(parsePeer);
const duration = text(parseDurationMs);
const clusterName = text(parseClusterName);
const headerName = text(parseHeaderName);
const size = read(z.union([z.number(), z.string()], "must be a number of targets or a percentage of the pool"), parseShardSize);
const outcome = z.enum(["deny", "allow", "default_target"]);

const file = text(parseFilePath);
const tlsListener = mapping({
  address: text(parseTcpListener).describe("host:port or [IPv6]:port."),
  tls: mapping({
    cert: file.describe("The listener's certificate, with what stands between it and the root: a PEM file (from this file's folder)."),
    key: file.describe("The certificate's private key: a PEM file."),
    client_ca: file.optional().describe("Given, only clients with a certificate signed by it are let in: a PEM file."),
  }).describe("Every connection is TLS."),
});
const anyListener = z.union([listener, tlsListener], "must be an address, or a mapping of address and tls");

const listen = mapping({
  grpc: z
    .union([listener, tlsListener, z.array(anyListener).min(1)], "must be an address or a list of them")
    .transform((written) => (Array.isArray(written) ? written : [written]))
    .prefault("127.0.0.1:9001")
    .describe(
      "Where Envoy reaches riffle: host:port, [IPv6]:port, unix:path (from this file's folder) or {address, tls}, or a list of them.",
    ),
  transport: z
    .enum(["own", "grpc-js"])
    .default("own")
    .describe("Which gRPC server answers: riffle's own, or the library it is measured against."),
  admin: z
    .union([z.literal("off"), listener], "must be an address, or off")
    .prefault("127.0.0.1:9002")
    .describe("Where operators reach riffle: /live, /ready, POST /reload. host:port, [IPv6]:port or unix:path; off for none."),
  max_connection_age: duration
    .optional()
    .describe(
      "Each of Envoy's connections is drained after this long, give or take a tenth, so that they spread anew over several riffles. Absent: never.",
    ),
});

const envoy = mapping({
  listen: text(parseEnvoyListener).prefault("0.0.0.0:8080").describe("Where Envoy listens for requests."),
  message_timeout: duration.prefault("500ms").describe("How long Envoy waits for riffle; riffle answers at 80 % of it at the latest."),
  health_interval: duration.prefault("2s").describe("How often Envoy asks whether riffle is up."),
  when_down: z
    .union(
      [z.enum(["refuse"]), mapping({ fallback: z.string().describe("A cluster or target.") })],
      "must be refuse or {fallback: <cluster>}",
    )
    .prefault("refuse")
    .describe("What Envoy does while riffle cannot be reached: refuse (503), or send everything to one cluster."),
  tls: mapping({
    ca: file.describe("What riffle's certificate is verified against."),
    cert: file.optional().describe("Envoy's own certificate, for listeners with client_ca."),
    key: file.optional().describe("Its private key."),
  })
    .optional()
    .describe("PEM files, at their paths on Envoy's machine, with which Envoy reaches listeners that have TLS."),
});

const customer = mapping({
  from: z
    .array(mapping({ header: headerName.describe("A request header whose value is the customer.") }))
    .min(1)
    .prefault([{ header: "x-customer-id" }])
    .describe("Where the customer is read from; the first source that yields a value wins."),
  missing: z
    .enum(["reject", "anonymous", "pass"])
    .default("reject")
    .describe("A request without a customer: refused (400), dealt the shard of `anonymous`, or let through with no shard."),
});

const target = mapping({
  id: clusterName.describe("The target's lasting name: the Envoy cluster. Shards depend on it, and not on the address."),
  zone: text(parseZone).optional().describe("Its failure domain."),
  weight: z.int().min(0).max(65_535).default(100).describe("How large a share of the customers it is dealt, against the others; 0: none."),
  state: z
    .enum(["active", "draining", "down"])
    .default("active")
    .describe("draining: picked only where it is alone. down: not picked. It stays in its shards all the same."),
  address: peer.optional().describe("host:port or [IPv6]:port. Absent: a cluster that Envoy has anyway."),
});

const pool = mapping({
  targets: z.array(target).min(1).describe("Every customer is dealt a few of these."),
  shard: mapping({
    size: size.prefault(2).describe("How many targets a customer is dealt: a number, or a percentage of the pool."),
    zones: z
      .enum(["min", "spread", "plain"])
      .default("min")
      .describe("min: from at least min_zones zones. spread: evenly over all zones. plain: zones do not matter."),
    min_zones: z.int().min(1).optional().describe("From how many zones at least. Default: 2, as far as size and zones allow."),
    salt: text(parseSalt)
      .prefault("")
      .describe("A secret, so that outsiders cannot compute who shares targets. Changing it re-deals everybody."),
    pick: text(parsePick)
      .prefault("random")
      .describe(
        "Which target of the shard serves a request: random, least_loaded (costs a look at each response), or affinity:header:NAME, affinity:cookie:NAME, affinity:variable:NAME (of a route's template), affinity:path, affinity:source_ip.",
      ),
    weighted_pick: z.boolean().default(false).describe("Weights count in the pick as well, not in the deal alone."),
    spill: z
      .int()
      .min(0)
      .max(MAX_SPILL)
      .default(0)
      .describe("How many targets beyond the shard may serve a customer when all of its shard is down; 0: it is refused."),
    grace: read(z.string(), parseGraceMs)
      .prefault("0s")
      .describe("For how long requests that stick to a target stay there after a change took it out of their customer's shard."),
  })
    .prefault({})
    .describe("How many targets a customer is dealt, and how."),
  output: mapping({
    cluster_header: headerName
      .optional()
      .describe("The header that Envoy's cluster_header routing reads; each target is a cluster. The default, as x-target-cluster."),
    override_host: text(parseHostsHeader)
      .optional()
      .describe(
        "The header that lists the shard's hosts for Envoy's override_host, so that retries stay among them; the pool is one cluster.",
      ),
    metadata: z.enum([LB_NAMESPACE]).optional().describe("The same in dynamic metadata, which no client can send."),
  })
    .transform((written, context) => {
      const { cluster_header, override_host, metadata } = written;
      if (Object.values(written).filter((given) => given !== undefined).length > 1)
        return complain(context, "must name one of cluster_header, override_host and metadata; remove the others");
      if (override_host !== undefined) return { override_host };
      return metadata === undefined ? { cluster_header: cluster_header ?? DEFAULT_CLUSTER_HEADER } : { metadata };
    })
    .prefault({})
    .describe("How Envoy is told the target.")
    .meta({ maxProperties: 1 }),
  ejection: mapping({
    failures: z.int().min(1).default(5).describe("After so many failures in a row a target is passed over."),
    time: duration.prefault("30s").describe("For how long the first time; longer each time it happens again."),
    max_time: duration.prefault("5m").describe("The longest."),
    share: text(parseShare).prefault("50%").describe("Of the pool's targets, how many may be passed over at one time."),
  })
    .optional()
    .describe("Passive health: passes over targets that fail. It costs a look at each response. Absent: never."),
});

// Fields are checked in check-customers.ts, for names of pools stand in them.
const field = z.union([z.string(), z.number()], "must be text or a number");
const tuning = z.record(z.string(), field).meta({
  properties: {
    shard_size: { description: "How many targets the customer is dealt: a number, or a percentage of the pool." },
    pin: { description: "Target ids, separated by commas: the customer's shard, instead of a deal." },
    avoid: { description: "Target ids, separated by commas, that the customer is never dealt." },
    quarantine: { description: "1: alone on the first target of its own deal. Or a pool: dealt a shard of that one." },
    reseed: { description: "0 to 4294967295; another number deals other targets." },
    spill: { description: "How many targets beyond the shard may serve when all of it is down." },
    note: { description: "For people." },
  },
});

const store = mapping({
  redis: text(parseRedis).describe(
    "redis://HOST:PORT, or redis://USER:PASSWORD@HOST:PORT/DATABASE; rediss:// for TLS; unix:PATH (from this file's folder) for a socket.",
  ),
});

const document = mapping({
  listen: listen.prefault({}).describe("Where riffle listens."),
  envoy: envoy.prefault({}).describe("What `riffle envoy` generates for."),
  clusters: z
    .record(z.string(), z.array(peer))
    .default({})
    .describe("Fixed targets by name, with their addresses; an empty list for a cluster that Envoy has anyway."),
  customer: customer.prefault({}).describe("Whose request it is."),
  pools: z.record(z.string(), pool).default({}).describe("Sets of targets of which every customer is dealt a few."),
  customers: z
    .record(z.string(), tuning)
    .default({})
    .describe("What holds for single customers, by id; the same fields as in the store. `<pool>/x` is x in one pool alone."),
  defaults: mapping({
    on_error: outcome.default("deny").describe("deny: 503. allow: on without a target. default_target: to the target named here."),
    default_target: z.string().optional().describe("A cluster or target."),
  })
    .prefault({})
    .describe("What holds for every route that does not say otherwise."),
  discovery: z.record(z.string(), discovery).default({}).describe("Who knows the region of a host or customer, by name."),
  store: store.optional().describe("Where what is changed without this file is kept. Absent: there is none."),
  virtual_hosts: z.array(virtualHost).optional().describe("Absent, and with one pool: everything goes to that pool."),
});

/** The document with its defaults, each value parsed by itself. */
export type Shape = z.output<typeof document>;

/** Reads a document by its schema alone: `shape` is undefined when there are problems. Never throws. */
export function parseShape(written: unknown): { readonly shape: Shape | undefined; readonly problems: readonly Problem[] } {
  const { data, error } = document.safeParse(written, { reportInput: true });
  return { shape: data, problems: error ? error.issues.flatMap((issue) => explainIssue(issue, [])) : [] };
}

/** The JSON Schema of riffle.yaml, for editors: the text of schema/riffle.schema.json, which `node scripts/schema.ts` writes. */
export function formatSchema(): string {
  return `${JSON.stringify({ title: "riffle.yaml", ...z.toJSONSchema(document, { io: "input" }) }, undefined, 2)}\n`;
}
