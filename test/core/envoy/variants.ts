import type { EnvoyOptions } from "../../../src/core/envoy/options.ts";
import type { DiscoveryRules } from "../../../src/core/route-rules.ts";
import type { EnvoyTls, PoolRules, Rules } from "../../../src/core/rules.ts";
import { routeOf } from "../../support/route.ts";
import { listenAt, pool, sampleRules, target, tcp } from "./sample.ts";

interface Variant {
  readonly name: string; // and that of its golden file
  readonly rules: Rules;
  readonly options?: EnvoyOptions;
}

const { envoy } = sampleRules();
const HEADER = { kind: "override_host", header: "x-riffle-hosts" } as const;
const EJECTION = { failures: 5, timeMs: 30_000, maxTimeMs: 300_000, maxBasisPoints: 5000 };

/** Every form of the complete bootstrap that differs in kind. */
export const variants: readonly Variant[] = [
  { name: "refuse", rules: sampleRules() },
  { name: "fallback", rules: sampleRules({ envoy: { ...envoy, whenDown: { fallback: "health" } } }) },
  { name: "fallback-elsewhere", rules: sampleRules({ envoy: { ...envoy, whenDown: { fallback: "legacy" } } }) },
  { name: "envoy-1.36", rules: sampleRules(), options: { envoyVersion: "1.36" } },
  { name: "unix-socket", rules: sampleRules({ listen: listenAt({ kind: "unix", path: "/run/riffle/riffle.sock" }) }) },
  {
    name: "two-riffles",
    rules: sampleRules(),
    options: { riffle: [tcp("riffle-a.internal", 9001), tcp("0.0.0.0", 9001)], admin: tcp("::1", 9900) },
  },
  { name: "tls", rules: tlsRules({ clientCa: undefined, own: undefined }) },
  {
    name: "mtls-two-riffles",
    rules: tlsRules({ clientCa: "/etc/riffle/ca.pem", own: { cert: "/etc/envoy/client.pem", key: "/etc/envoy/client.key" } }),
    options: { riffle: [tcp("riffle-a.internal.", 9443), tcp("::1", 9443)] },
  },
  { name: "regions", rules: regionRules() },
  { name: "odd-names", rules: oddRules() },
  { name: "hosts", rules: hostRules() },
  { name: "hosts-1.36", rules: hostRules(), options: { envoyVersion: "1.36" } },
];

/** A pool of each output; those of hosts ask for what riffle has to know besides. */
function hostRules(): Rules {
  const listed = { ...pool("listed", [target("listed_0", 7001), target("listed_1", 7002)]), output: HEADER, ejection: EJECTION };
  const six = Array.from({ length: 6 }, (_, index) => ({ ...target(`six_${index}`), address: tcp("::1", 7011 + index) }));
  const named = pool("named", six);
  const pick = { kind: "affinity", by: "source_ip" } as const;
  return sampleRules({
    pools: new Map<string, PoolRules>([
      ["listed", listed],
      ["named", { ...named, shard: { ...named.shard, pick }, output: { kind: "metadata", namespace: "envoy.lb" } }],
      ["plain", pool("plain", [target("plain_0", 7021)], "x-plain")],
    ]),
  });
}

/** Routes that are sent by what they say themselves: by a region, and by a header they set; and one that only says its region. */
function regionRules(): Rules {
  const discovery: DiscoveryRules = { name: "fixed", key: { kind: "host" }, source: { kind: "table", table: new Map() } };
  const region = { discovery, header: "region", allowed: ["us-east", "eu-west"], fallback: "us-east" };
  const cell = { kind: "set", name: "x-cell", value: { parts: [{ text: "cell-" }, { variable: "customer" }] } } as const;
  const toHeader = (header: string) => ({ kind: "header", header, allowed: undefined }) as const;
  const routes = [
    routeOf({ name: "regional", region, target: toHeader("region") }),
    routeOf({ name: "cells", request: [cell], target: toHeader("x-cell") }),
    routeOf({ name: "told", region: { ...region, header: "x-region" } }),
  ];
  return sampleRules({
    clusters: new Map(["us-east", "eu-west", "cell-acme"].map((name, index) => [name, [tcp("127.0.0.1", 7030 + index)]])),
    discovery: new Map([["fixed", discovery]]),
    virtualHosts: [{ hosts: ["*"], routes }],
  });
}

function tlsRules({ clientCa, own }: { readonly clientCa: string | undefined; readonly own: EnvoyTls["own"] }): Rules {
  const tls = { cert: "/etc/riffle/riffle.pem", key: "/etc/riffle/riffle.key", clientCa };
  return sampleRules({
    listen: { grpc: [{ address: tcp("riffle.internal", 9443), tls }], transport: "own", maxConnectionAgeMs: undefined, admin: undefined },
    envoy: { ...envoy, tls: { ca: "/etc/envoy/ca.pem", own } },
  });
}

/** Names and addresses as an operator may write them. */
function oddRules(): Rules {
  const odd = ["a:b", "#x", "'", "{c}", "true", "1e3", "-d", "e\\f"].map((id, index) => target(id, 7001 + index));
  return sampleRules({
    listen: listenAt(tcp("::", 9001)),
    envoy: { ...envoy, listen: tcp("::", 8080), messageTimeoutMs: 3000, healthIntervalMs: 150 },
    clusters: new Map([["hosts", [tcp("localhost", 7100), tcp("127.0.0.1", 7101), tcp("::1", 7102)]]]),
    pools: new Map([
      ["odd", pool("odd", odd, "x-odd'|cluster")],
      ["even", pool("even", [target("elsewhere"), target("a:b", 7001)], "x-even")],
    ]),
    customer: { from: [{ header: "x-tenant" }], missing: "pass" },
  });
}
