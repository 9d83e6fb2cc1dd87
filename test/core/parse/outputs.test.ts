import { describe, expect, test } from "vitest";
import { parseRules } from "../../../src/core/parse-rules.ts";

const targets = [
  { id: "a", address: "127.0.0.1:7001" },
  { id: "b", address: "[::1]:7002" },
];
const hosts = { override_host: "x-riffle-hosts" };

function problemsOf(document: unknown): readonly string[] {
  const parsed = parseRules(document, "/etc/riffle");
  return "problems" in parsed ? parsed.problems.map(({ path, message }) => `${path.join(".")}: ${message}`) : [];
}

describe("the output of a pool", () => {
  test.each([
    ["nothing", undefined, { kind: "cluster_header", header: "x-target-cluster" }],
    ["an empty mapping", {}, { kind: "cluster_header", header: "x-target-cluster" }],
    ["a cluster header", { cluster_header: "X-To" }, { kind: "cluster_header", header: "x-to" }],
    ["riffle's own header of hosts", { override_host: "X-Riffle-Hosts" }, { kind: "override_host", header: "x-riffle-hosts" }],
    ["another header of hosts", { override_host: "X-Hosts" }, { kind: "override_host", header: "x-hosts" }],
    ["metadata", { metadata: "envoy.lb" }, { kind: "metadata", namespace: "envoy.lb" }],
  ])("as %s is understood", (_, output, expected) => {
    const parsed = parseRules({ pools: { p: { targets, ...(output && { output }) } } }, "/etc/riffle");
    expect("rules" in parsed && parsed.rules.pools.get("p")?.output).toEqual(expected);
  });

  test.each([
    [{ ...hosts, metadata: "envoy.lb" }, "output must name one of cluster_header, override_host and metadata; remove the others"],
    [{ ...hosts, cluster_header: "x-to" }, "output must name one of cluster_header, override_host and metadata; remove the others"],
    [{ hosts: "x" }, 'hosts: unknown key "hosts"; known: "cluster_header", "override_host", "metadata"'],
    [{ metadata: "envoy.other" }, 'metadata cannot be "envoy.other"; known: "envoy.lb"'],
    [{ override_host: "host" }, 'override_host "host" belongs to the connection or the message itself; name another header'],
    [
      { override_host: "x-riffle-list" },
      'override_host "x-riffle-list" is reserved, as is all that starts with x-riffle-; name another header',
    ],
    [{ cluster_header: "x-riffle-hosts" }, "is reserved, as is all that starts with x-riffle-; name another header"],
    [{ override_host: "X-Target-Cluster" }, 'override_host "X-Target-Cluster" names clusters already; choose another header'],
  ])("as %j is refused", (output, why) => {
    expect(problemsOf({ pools: { p: { targets, output } } })).toEqual([expect.stringContaining(why)]);
  });
});

describe.each([[hosts], [{ metadata: "envoy.lb" }]])("a pool whose output is %j", (output) => {
  const pool = (...more: readonly unknown[]): unknown => ({ targets: [...targets, ...more], output });

  test.each([
    [
      "is told by an address",
      { id: "c" },
      'pools.p.targets.2: target "c" has no address, and Envoy is told hosts; write its IP address and port',
    ],
    [
      "is told by no name",
      { id: "c", address: "c.internal:80" },
      'pools.p.targets.2.address: address "c.internal:80" is no IP address, and Envoy compares hosts by theirs; write one such as 127.0.0.1:8080',
    ],
    [
      "has the spelling that Envoy gives it",
      { id: "c", address: "[::ffff:127.0.0.1]:80" },
      'pools.p.targets.2.address: address "[::ffff:127.0.0.1]:80" holds an IPv4 address; write that one',
    ],
    [
      "is one target",
      { id: "c", address: "[0::1]:7002" },
      'pools.p.targets.2.address: address "[::1]:7002" is that of "b" already; a host is one target',
    ],
  ])("has hosts each of which %s", (_, target, problem) => {
    expect(problemsOf({ pools: { p: pool(target) } })).toEqual([problem]);
  });

  test.each([
    ["riffle", {}, "riffle's own cluster"],
    ["fixed", { clusters: { fixed: [] } }, "a cluster"],
    ["a", {}, "a target"],
  ])("is a cluster, and so cannot be named %s where that is one", (name, more, what) => {
    expect(problemsOf({ ...more, pools: { [name]: pool() } })).toEqual([
      `pools.${name}: "${name}" is the name of ${what} already, and this pool is one Envoy cluster; rename it`,
    ]);
  });

  test("has no target that is a cluster", () => {
    const virtual_hosts = [{ routes: [{ target: { cluster: "a" } }] }];
    expect(problemsOf({ pools: { p: pool() }, virtual_hosts })).toEqual([
      'virtual_hosts.0.routes.0.target.cluster: cluster "a" does not exist; none is defined',
    ]);
    expect(problemsOf({ pools: { p: pool() }, clusters: { a: ["127.0.0.1:7001"] }, virtual_hosts })).toEqual([]);
  });
});

test("a header that lists hosts names no clusters elsewhere, and is nobody's customer", () => {
  const pools = {
    p: { targets, output: { override_host: "x-to" } },
    q: { targets: [{ id: "c" }], output: { cluster_header: "X-To" } },
  };
  expect(problemsOf({ pools })).toEqual([
    'pools.p.output.override_host: override_host "x-to" names clusters already; choose another header',
  ]);
  expect(problemsOf({ pools: { p: pools.p }, customer: { from: [{ header: "X-To" }] } })).toEqual([
    'customer.from.0.header: header "X-To" is stripped from every request, as no client\'s to say; name another header',
  ]);
});
