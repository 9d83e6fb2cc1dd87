import { describe, expect, test } from "vitest";
import { parseRules } from "../../src/core/parse-rules.ts";
import type { Rules } from "../../src/core/rules.ts";
import { prefix, routeOf } from "../support/route.ts";

const eight = Array.from({ length: 8 }, (_, i) => ({ id: `t${i}`, zone: i % 2 ? "a" : "b" }));
const one = { pools: { backends: { targets: eight, shard: { salt: "s" } } } };

function rulesOf(document: unknown, folder = "/etc/riffle"): Rules {
  const parsed = parseRules(document, folder);
  if ("problems" in parsed) throw new Error(parsed.problems.map(({ message }) => message).join("\n"));
  return parsed.rules;
}

function warningsOf(document: unknown): readonly string[] {
  const parsed = parseRules(document, "/etc/riffle");
  if ("problems" in parsed) throw new Error(parsed.problems.map(({ message }) => message).join("\n"));
  return parsed.warnings.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

function problemsOf(document: unknown): readonly string[] {
  const parsed = parseRules(document, "/etc/riffle");
  return "problems" in parsed ? parsed.problems.map(({ path, message }) => `${path.join(".")}: ${message}`) : [];
}

describe("defaults", () => {
  test.each([[null], [undefined], [{}]])("%j is a whole file", (document) => {
    expect(parseRules(document, "/etc/riffle")).toEqual({
      warnings: [],
      rules: {
        hash: expect.stringMatching(/^[0-9a-f]{16}$/),
        listen: {
          grpc: [{ address: { kind: "tcp", host: "127.0.0.1", port: 9001 }, tls: undefined }],
          transport: "own",
          maxConnectionAgeMs: undefined,
          admin: { kind: "tcp", host: "127.0.0.1", port: 9002 },
        },
        envoy: {
          listen: { kind: "tcp", host: "0.0.0.0", port: 8080 },
          messageTimeoutMs: 500,
          healthIntervalMs: 2000,
          whenDown: "refuse",
          tls: undefined,
        },
        clusters: new Map(),
        customer: { from: [{ header: "x-customer-id" }], missing: "reject" },
        discovery: new Map(),
        store: undefined,
        customers: new Map(),
        pools: new Map(),
        virtualHosts: [],
      },
    });
  });

  test("a pool of bare targets is dealt in twos from two zones", () => {
    expect(rulesOf({ pools: { p: { targets: [{ id: "a" }] } } }).pools.get("p")).toEqual({
      name: "p",
      targets: [{ id: "a", zone: "", weight: 100, state: "active", address: undefined }],
      shard: {
        size: { kind: "count", count: 2 },
        zones: "min",
        minZones: undefined,
        salt: "",
        pick: { kind: "random" },
        weightedPick: false,
        spill: 0,
        graceMs: 0,
      },
      output: { kind: "cluster_header", header: "x-target-cluster" },
      ejection: undefined,
    });
  });

  test("the only pool gets everything where no virtual hosts are written", () => {
    const route = routeOf({ name: "*#0" });
    expect(rulesOf(one).virtualHosts).toEqual([{ hosts: ["*"], routes: [route] }]);
  });

  test("an empty list of virtual hosts is no route at all", () => {
    expect(rulesOf({ ...one, virtual_hosts: [] }).virtualHosts).toEqual([]);
  });

  test("a route without match and host takes every request", () => {
    const [virtualHost] = rulesOf({ ...one, virtual_hosts: [{ routes: [{ target: { pool: "backends" } }] }] }).virtualHosts;
    expect(virtualHost).toMatchObject({ hosts: ["*"], routes: [{ name: "*#0", match: prefix("/") }] });
  });
});

describe("what is written", () => {
  test("every setting arrives where it belongs", () => {
    const rules = rulesOf({
      listen: {
        grpc: ["unix:riffle.sock", "[::1]:0", { address: "10.0.0.1:9443", tls: { cert: "c.pem", key: "/etc/k.pem", client_ca: "ca.pem" } }],
        transport: "grpc-js",
        admin: "unix:admin.sock",
      },
      envoy: {
        listen: "127.0.0.1:0",
        message_timeout: "1s",
        health_interval: "250ms",
        when_down: { fallback: "t0" },
        tls: { ca: "tls/ca.pem", cert: "own.pem", key: "own.key" },
      },
      clusters: { health: ["127.0.0.1:7100", "[::1]:7100"], anyway: [] },
      customer: { from: [{ header: "X-Tenant" }, { header: "x-org" }], missing: "anonymous" },
      pools: {
        p: {
          targets: [{ id: "t0", zone: "z", weight: 7, state: "draining", address: "Host:80" }],
          shard: {
            size: "10%",
            zones: "plain",
            min_zones: 1,
            salt: "é",
            pick: "affinity:header:X-Session",
            weighted_pick: true,
            spill: 3,
            grace: "1m",
          },
          output: { cluster_header: "X-To" },
          ejection: { time: "10s", share: "25%" },
        },
      },
    });
    expect(rules.listen).toEqual({
      grpc: [
        { address: { kind: "unix", path: "/etc/riffle/riffle.sock" }, tls: undefined },
        { address: { kind: "tcp", host: "::1", port: 0 }, tls: undefined },
        {
          address: { kind: "tcp", host: "10.0.0.1", port: 9443 },
          tls: { cert: "/etc/riffle/c.pem", key: "/etc/k.pem", clientCa: "/etc/riffle/ca.pem" },
        },
      ],
      transport: "grpc-js",
      maxConnectionAgeMs: undefined,
      admin: { kind: "unix", path: "/etc/riffle/admin.sock" },
    });
    expect(rules.envoy.tls).toEqual({ ca: "tls/ca.pem", own: { cert: "own.pem", key: "own.key" } }); // as Envoy sees them
    expect(rules.envoy).toMatchObject({ listen: { host: "127.0.0.1", port: 0 }, messageTimeoutMs: 1000, healthIntervalMs: 250 });
    expect(rules.envoy.whenDown).toEqual({ fallback: "t0" });
    expect([...rules.clusters].map(([name, addresses]) => `${name} ${addresses.map(({ host }) => host)}`)).toEqual([
      "health 127.0.0.1,::1",
      "anyway ",
    ]);
    expect(rules.customer).toEqual({ from: [{ header: "x-tenant" }, { header: "x-org" }], missing: "anonymous" });
    expect(rules.pools.get("p")).toEqual({
      name: "p",
      targets: [{ id: "t0", zone: "z", weight: 7, state: "draining", address: { kind: "tcp", host: "host", port: 80 } }],
      shard: {
        size: { kind: "percent", basisPoints: 1000 },
        zones: "plain",
        minZones: 1,
        salt: "Ã©",
        pick: { kind: "affinity", by: "header", name: "x-session" },
        weightedPick: true,
        spill: 3,
        graceMs: 60_000,
      },
      output: { kind: "cluster_header", header: "x-to" },
      ejection: { failures: 5, timeMs: 10_000, maxTimeMs: 300_000, maxBasisPoints: 2_500 },
    });
  });

  test("one listener needs no list, and a size may be written as text", () => {
    expect(rulesOf({ listen: { grpc: "unix:/run/r.sock" } }).listen.grpc).toEqual([
      { address: { kind: "unix", path: "/run/r.sock" }, tls: undefined },
    ]);
    const tls = { cert: "c", key: "k" };
    expect(rulesOf({ listen: { grpc: { address: "a:1", tls } }, envoy: { tls: { ca: "ca" } } })).toMatchObject({
      listen: { grpc: [{ address: { host: "a", port: 1 }, tls: { cert: "/etc/riffle/c", clientCa: undefined } }] },
      envoy: { tls: { ca: "ca", own: undefined } },
    });
    expect(rulesOf({ pools: { p: { targets: [{ id: "a" }], shard: { size: "3" } } } }).pools.get("p")?.shard.size).toEqual({
      kind: "count",
      count: 3,
    });
  });

  test("a failing route does what it says, else what the defaults say, by its own pool's header", () => {
    const document = {
      pools: { p: { targets: eight, output: { cluster_header: "x-to" } } },
      defaults: { on_error: "default_target", default_target: "t1" },
      virtual_hosts: [
        {
          hosts: ["A.com", "*.b.com"],
          routes: [
            { match: { prefix: "/a" }, target: { pool: "p" }, on_error: "allow" },
            { match: { prefix: "/b" }, target: { pool: "p" }, on_error: "deny" },
            { match: { prefix: "/c" }, target: { pool: "p" } },
            { target: { cluster: "t2" } },
          ],
        },
      ],
    };
    const [virtualHost] = rulesOf(document).virtualHosts;
    expect(virtualHost?.hosts).toEqual(["a.com", "*.b.com"]);
    expect(virtualHost?.routes.map(({ name, onError }) => [name, onError])).toEqual([
      ["a.com#0", {}],
      ["a.com#1", "deny"],
      ["a.com#2", { edits: [{ name: "x-to", value: "t1" }] }],
      ["a.com#3", { edits: [{ name: "x-target-cluster", value: "t1" }] }],
    ]);
    expect(virtualHost?.routes[3]?.target).toEqual({
      kind: "cluster",
      cluster: "t2",
      output: { edits: [{ name: "x-target-cluster", value: "t2" }] },
    });
  });

  test("a failing split names the default target in every header that one of its parts could stand in", () => {
    const to = (name: string) => ({ targets: eight, output: { cluster_header: name } });
    const split = [
      { weight: 1, pool: "p" },
      { weight: 1, pool: "q" },
      { weight: 1, pool: "r" },
      { weight: 1, cluster: "t0" },
    ];
    const document = {
      pools: { p: to("x-to"), q: to("x-go"), r: to("X-To") },
      defaults: { on_error: "default_target", default_target: "t1" },
      virtual_hosts: [{ routes: [{ target: { split } }] }],
    };
    expect(rulesOf(document).virtualHosts[0]?.routes[0]?.onError).toEqual({
      edits: ["x-to", "x-go", "x-target-cluster"].map((name) => ({ name, value: "t1" })),
    });
  });

  test("every part of a route arrives where it belongs", () => {
    const rules = rulesOf({
      clusters: { us: [], eu: [] },
      discovery: { d: { table: { acme: "eu" }, by: "customer" } },
      virtual_hosts: [
        {
          hosts: ["*"],
          routes: [
            {
              name: "Full.route_1",
              match: {
                template: "/users/{id}",
                methods: ["GET", "HEAD", "GET"],
                headers: [
                  { name: "X-Env", exact: "é", invert: true },
                  { name: ":Authority", suffix: ".com" },
                  { name: "x-n", range: { start: -1, end: 5 } },
                  { name: "x-p", present: true },
                ],
                query: [
                  { name: "debug", present: true },
                  { name: "v", regex: "[0-9]+" },
                ],
                percent: "12.5%",
              },
              region: { discovery: "d", header: "X-Home", allowed: ["us", "eu"], fallback: "us" },
              request: { remove: ["X-Gone"], set: { "X-Id": "u {id}" }, add: { "X-Line": ["é", "{{}}"], "x-one": "1" } },
              response: { set: { "Processed-By": "{route}" } },
              stats: "response",
              target: { header: "x-home" },
              on_error: "allow",
            },
          ],
        },
      ],
    });
    const discovery = rules.discovery.get("d");
    expect(discovery).toEqual({ name: "d", key: { kind: "customer" }, source: { kind: "table", table: new Map([["acme", "eu"]]) } });
    const text = (...parts: readonly object[]) => ({ parts });
    expect(rules.virtualHosts[0]?.routes).toEqual([
      {
        name: "Full.route_1",
        match: {
          path: { kind: "template", template: "/users/{id}" },
          methods: ["GET", "HEAD"],
          headers: [
            { name: "x-env", test: { kind: "exact", text: "Ã©" }, isInverted: true },
            { name: ":authority", test: { kind: "suffix", text: ".com" }, isInverted: false },
            { name: "x-n", test: { kind: "range", from: -1, to: 5 }, isInverted: false },
            { name: "x-p", test: { kind: "present" }, isInverted: false },
          ],
          query: [
            { name: "debug", test: { kind: "present" } },
            { name: "v", test: { kind: "regex", regex: "[0-9]+" } },
          ],
          basisPoints: 1_250,
        },
        region: { discovery, header: "x-home", allowed: ["us", "eu"], fallback: "us" },
        request: [
          { kind: "remove", name: "x-gone", value: text() },
          { kind: "set", name: "x-id", value: text({ text: "u " }, { variable: "id" }) },
          { kind: "add", name: "x-line", value: text({ text: "Ã©" }) },
          { kind: "add", name: "x-line", value: text({ text: "{}" }) },
          { kind: "add", name: "x-one", value: text({ text: "1" }) },
        ],
        response: [{ kind: "set", name: "processed-by", value: text({ variable: "route" }) }],
        hasStats: true,
        target: { kind: "header", header: "x-home", allowed: undefined },
        onError: {},
      },
    ]);
  });

  test.each<[string, object, object]>([
    ["a pool", { pool: "p" }, { kind: "pool", pool: "p" }],
    ["a cluster", { cluster: "t0" }, { kind: "cluster", cluster: "t0", output: { edits: [{ name: "x-target-cluster", value: "t0" }] } }],
    [
      "what a client may choose",
      { header: "X-Where", allowed: ["t0"] },
      { kind: "header", header: "x-where", allowed: new Map([["t0", { edits: [{ name: "x-target-cluster", value: "t0" }] }]]) },
    ],
    [
      "shares of the customers",
      {
        split: [
          { weight: 3, pool: "p" },
          { weight: 0, pool: "p" },
        ],
      },
      {
        kind: "split",
        parts: [
          { weight: 3, to: { kind: "pool", pool: "p" } },
          { weight: 0, to: { kind: "pool", pool: "p" } },
        ],
      },
    ],
    [
      "a redirect of all there is",
      { redirect: { status: 307, scheme: "https", host: "B.com", port: 8443, path: "/a{path}", strip_query: true } },
      {
        kind: "redirect",
        status: 307,
        scheme: "https",
        host: "b.com",
        port: 8443,
        path: { parts: [{ text: "/a" }, { variable: "path" }] },
        stripsQuery: true,
      },
    ],
    [
      "a redirect with its defaults",
      { redirect: { host: "[2001:DB8::1]" } },
      { kind: "redirect", status: 301, scheme: undefined, host: "[2001:db8::1]", port: undefined, path: undefined, stripsQuery: false },
    ],
    ["an answer", { direct_response: { status: 404, body: "é" } }, { kind: "direct_response", status: 404, body: Buffer.from("é") }],
    ["an answer without a body", { direct_response: { status: 204 } }, { kind: "direct_response", status: 204, body: undefined }],
  ])("a route may lead to %s", (_, target, expected) => {
    const pools = { p: { targets: eight } };
    expect(rulesOf({ pools, virtual_hosts: [{ routes: [{ target }] }] }).virtualHosts[0]?.routes[0]?.target).toEqual(expected);
  });

  test.each<[object, object]>([
    [{}, { kind: "prefix", prefix: "/" }],
    [{ path: "/a" }, { kind: "exact", path: "/a" }],
    [{ prefix: "/a" }, { kind: "prefix", prefix: "/a" }],
    [{ path_separated_prefix: "/a" }, { kind: "segments", prefix: "/a" }],
    [{ regex: "/a.*" }, { kind: "regex", regex: "/a.*" }],
    [{ template: "/{a}" }, { kind: "template", template: "/{a}" }],
  ])("a match of %j is of that kind of path, and of nothing else", (match, path) => {
    const [virtualHost] = rulesOf({ ...one, virtual_hosts: [{ routes: [{ match, target: { pool: "backends" } }] }] }).virtualHosts;
    expect(virtualHost?.routes[0]?.match).toEqual({ path, methods: [], headers: [], query: [], basisPoints: 10_000 });
  });

  test.each([
    ["0%", 0],
    ["0.00%", 0],
    ["0.01%", 1],
    ["100%", 10_000],
  ])("a share of %s of the customers is so many hundredths of a percent", (percent, basisPoints) => {
    const [virtualHost] = rulesOf({
      ...one,
      virtual_hosts: [{ routes: [{ match: { percent }, target: { pool: "backends" } }] }],
    }).virtualHosts;
    expect(virtualHost?.routes[0]?.match.basisPoints).toBe(basisPoints);
  });

  test("a discovery is a service with its defaults, or as written; or a table whose hosts are in lower case", () => {
    const rules = rulesOf({
      discovery: {
        bare: { url: "http://h/{host}" },
        full: {
          url: "https://h:8443/a?k={header:X-Org}&b=1",
          field: "data.region",
          ttl: "1m",
          stale: "0s",
          negative_ttl: "1s",
          timeout: "400ms",
          max_entries: 5,
        },
        hosts: { table: { "API.example.com": "eu" } },
        names: { table: { Acmé: "eu" }, by: "header:X-Org" },
      },
    });
    expect([...rules.discovery.values()]).toEqual([
      {
        name: "bare",
        key: { kind: "host" },
        source: {
          kind: "service",
          url: { before: "http://h/", after: "" },
          field: ["region"],
          ttlMs: 30_000,
          staleMs: 300_000,
          negativeTtlMs: 10_000,
          timeoutMs: 200,
          maxEntries: 100_000,
        },
      },
      {
        name: "full",
        key: { kind: "header", header: "x-org" },
        source: {
          kind: "service",
          url: { before: "https://h:8443/a?k=", after: "&b=1" },
          field: ["data", "region"],
          ttlMs: 60_000,
          staleMs: 0,
          negativeTtlMs: 1_000,
          timeoutMs: 400,
          maxEntries: 5,
        },
      },
      { name: "hosts", key: { kind: "host" }, source: { kind: "table", table: new Map([["api.example.com", "eu"]]) } },
      { name: "names", key: { kind: "header", header: "x-org" }, source: { kind: "table", table: new Map([["AcmÃ©", "eu"]]) } },
    ]);
  });

  test("what HTTP gives clients to say may be matched and picked by, though one route sets it", () => {
    const routes = [
      {
        match: { headers: [{ name: "accept", contains: "json" }] },
        target: { pool: "p" },
        request: { set: { Accept: "*/*", Cookie: "a=1" } },
      },
    ];
    expect(problemsOf({ pools: { p: { targets: eight, shard: { pick: "affinity:cookie:sid" } } }, virtual_hosts: [{ routes }] })).toEqual(
      [],
    );
  });

  test("one target may stand in several pools, and in clusters, at the same address", () => {
    const target = { id: "a", address: "host:80" };
    expect(
      problemsOf({ clusters: { a: ["HOST:80"], b: [] }, pools: { p: { targets: [target, { id: "b" }] }, q: { targets: [target] } } }),
    ).toEqual([]);
  });

  test("connections may have an age on riffle's own transport, and not on the one that would lose requests by it", () => {
    expect(rulesOf({ listen: { max_connection_age: "30m" } }).listen.maxConnectionAgeMs).toBe(1_800_000);
    expect(problemsOf({ listen: { transport: "grpc-js", max_connection_age: "30m" } })).toEqual([
      "listen.max_connection_age: max_connection_age needs transport: own; grpc-js would lose requests at the end of each connection",
    ]);
  });

  test("names that mean something to JavaScript are names like others", () => {
    const pools = { constructor: { targets: [{ id: "__proto__" }, { id: "toString" }] } };
    const rules = rulesOf({ pools, clusters: { valueOf: [] }, virtual_hosts: [{ routes: [{ target: { pool: "constructor" } }] }] });
    expect([...rules.pools.keys(), ...rules.clusters.keys()]).toEqual(["constructor", "valueOf"]);
    expect(problemsOf({ virtual_hosts: [{ routes: [{ target: { pool: "constructor" } }] }] })).toEqual([
      'virtual_hosts.0.routes.0.target.pool: pool "constructor" does not exist; none is defined',
    ]);
  });

  test("a key __proto__ is unknown wherever it stands, and changes nothing", () => {
    expect(
      problemsOf(
        JSON.parse('{"__proto__": {"pools": {}}, "pools": {"__proto__": {}}, "clusters": {"__proto__": []}, "listen": {"__proto__": 1}}'),
      ),
    ).toEqual([
      '__proto__: unknown key "__proto__"; known: "listen", "envoy", "clusters", "customer", "pools", "customers", "defaults", "discovery", "store", "virtual_hosts"',
      'pools.__proto__: "__proto__" is not a pool name; write 1 to 63 of a-z 0-9 _ -, the first a letter or digit',
      'listen.__proto__: unknown key "__proto__"; known: "grpc", "transport", "admin", "max_connection_age"',
    ]);
  });

  test.each([5, "text", [], true, Number.NaN, () => 1])("%j is no document", (document) => {
    expect(problemsOf(document)).toHaveLength(1);
  });

  test("problems come in document order, one about something missing before what is there", () => {
    expect(problemsOf({ envoy: { x: 1, listen: 5 }, pools: { p: { y: 1 } }, listen: { grpc: "z" } })).toEqual([
      'envoy.x: unknown key "x"; known: "listen", "message_timeout", "health_interval", "when_down", "tls"',
      "envoy.listen: listen must be text, but is a number; put it in quotes",
      "pools.p.targets: targets is missing",
      'pools.p.y: unknown key "y"; known: "targets", "shard", "output", "ejection"',
      'listen.grpc: grpc "z" is not an address; write host:port or [IPv6]:port',
    ]);
  });
});

test("a problem about something missing comes first, whoever finds it", () => {
  expect(problemsOf({ virtual_hosts: [{ routes: [] }, { routes: [{ target: {} }] }] })).toEqual([
    'virtual_hosts.1.hosts: hosts "*" is a virtual host already; each belongs to one, in Envoy too',
    "virtual_hosts.1.routes.0.target: target must name exactly one of pool, cluster, header, split, redirect, direct_response",
  ]);
});

describe("the hash", () => {
  const hash = (document: unknown, folder?: string): string => rulesOf(document, folder).hash;

  test("is the same whatever the order of keys, the folder, and defaults written out", () => {
    const other = {
      envoy: {},
      pools: { backends: { shard: { salt: "s", size: 2 }, targets: eight.map(({ id, zone }) => ({ zone, id })) } },
    };
    expect(hash(other)).toBe(hash(one));
    expect(hash({ clusters: { b: [], a: [] } })).toBe(hash({ clusters: { a: [], b: [] } }));
    expect(hash({ listen: { grpc: "unix:a" } }, "/x")).toBe(hash({ listen: { grpc: "unix:a" } }, "/y"));
  });

  test("is another for other content", () => {
    const documents = [
      {},
      one,
      { clusters: { a: [] } },
      { clusters: { b: [] } },
      { clusters: { a: ["h:1", "h:2"] } },
      { clusters: { a: ["h:2", "h:1"] } },
      { virtual_hosts: [] },
      { pools: { backends: { targets: eight, shard: { salt: "t" } } } },
      { pools: { backends: { targets: eight.toReversed(), shard: { salt: "s" } } } },
      ...["/a", "/b"].map((prefix) => ({ ...one, virtual_hosts: [{ routes: [{ match: { prefix }, target: { pool: "backends" } }] }] })),
      ...["1", "2"].map((value) => ({
        ...one,
        virtual_hosts: [{ routes: [{ target: { pool: "backends" }, response: { set: { a: value } } }] }],
      })),
      ...["eu", "us"].map((region) => ({ discovery: { d: { table: { a: region } } } })),
    ];
    expect(new Set(documents.map((document) => hash(document))).size).toBe(documents.length);
  });
});

describe("warnings", () => {
  describe("of routes", () => {
    const pools = { p: { targets: eight, shard: { salt: "s" } } };
    const split = {
      split: [
        { weight: 1, pool: "p" },
        { weight: 1, pool: "p" },
      ],
    };
    const of = (...routes: readonly object[]) => warningsOf({ pools, virtual_hosts: [{ routes }] });
    const toPool = { target: { pool: "p" } };

    test("what comes after a route that takes everything", () => {
      expect(of({ match: { prefix: "/", methods: ["GET"] }, ...toPool }, toPool)).toEqual([]);
      expect(of({ match: { percent: "99.99%" }, name: "most", ...toPool }, toPool)).toEqual([]);
      expect(of(toPool, { match: { path: "/a" }, ...toPool })).toEqual([
        "virtual_hosts.0.routes.0: takes every request, so the route after it can never match; move it to the end",
      ]);
      expect(of({ match: { path: "/a" }, ...toPool }, toPool, toPool, toPool)).toEqual([
        "virtual_hosts.0.routes.1: takes every request, so the 2 routes after it can never match; move it to the end",
      ]);
    });

    test("a share of the customers on a route without a name", () => {
      const why =
        "a share of the customers goes by the route's name, which is its place here; give it a name, or customers change sides when it moves";
      expect(of({ target: split })).toEqual([`virtual_hosts.0.routes.0: ${why}`]);
      expect(of({ match: { percent: "10%" }, ...toPool })).toEqual([`virtual_hosts.0.routes.0: ${why}`]);
      expect(of({ name: "named", target: split })).toEqual([]);
      expect(of({ match: { percent: "0%" }, ...toPool })).toEqual([]);
    });

    test("a discovery that no route asks", () => {
      const discovery = { used: { table: {} }, idle: { table: {} } };
      const region = { discovery: "used", allowed: ["a"], fallback: "a" };
      expect(warningsOf({ pools, discovery, virtual_hosts: [{ routes: [{ ...toPool, region }] }] })).toEqual([
        "discovery.idle: no route asks idle; name it in a route's region, or remove it",
      ]);
    });
  });

  test.each([
    ["127.0.0.1:9002", 0],
    ["[::1]:9002", 0],
    ["unix:a.sock", 0],
    ["off", 0],
    ["0.0.0.0:9002", 1],
    ["10.0.0.5:9002", 1],
  ])("an admin listener at %s: %i", (admin, count) => {
    expect(warningsOf({ listen: { admin } })).toHaveLength(count);
  });

  test("Envoy is told how to reach a TLS that nobody speaks", () => {
    expect(warningsOf({ envoy: { tls: { ca: "ca" } } })).toEqual(["envoy.tls: envoy.tls has no effect: no address of listen.grpc has tls"]);
  });

  const pool = (n: number, shard: object) => ({
    pools: { p: { targets: Array.from({ length: n }, (_, i) => ({ id: `t${i}`, zone: `z${i % 2}` })), shard: { salt: "s", ...shard } } },
  });

  test.each([
    [8, {}, []],
    [8, { size: 1 }, ["size: pool p: a shard of one target has no redundancy; size 2 survives the loss of one"]],
    [8, { size: "25%" }, []],
    [
      8,
      { size: 3 },
      ["size: pool p: a shard is 3 of 8 targets, more than a quarter, and customers share many; choose a smaller size or add targets"],
    ],
    [8, { size: 8 }, ["size: pool p: a shard is 8 of 8 targets, which isolates nobody; choose a smaller size or add targets"]],
    [8, { size: "100%" }, ["size: pool p: a shard is 8 of 8 targets, which isolates nobody; choose a smaller size or add targets"]],
    [8, { size: 9 }, ["size: pool p: shard size 9 is larger than the pool of 8; it counts as 8, and every customer shares every target"]],
    [8, { min_zones: 2 }, []],
    [8, { min_zones: 3 }, ["min_zones: pool p: min_zones is 3, and the targets are in 2 zones"]],
    [8, { salt: "" }, ["salt: pool p: without a salt anybody can compute who shares targets; set a secret one"]],
    [
      1,
      { size: 1 },
      [
        "size: pool p: a shard of one target has no redundancy; size 2 survives the loss of one",
        "size: pool p: a shard is 1 of 1 target, which isolates nobody; choose a smaller size or add targets",
      ],
    ],
  ])("%i targets, %j: %j", (n, shard, warnings) => {
    expect(warningsOf(pool(n, shard))).toEqual(warnings.map((warning) => `pools.p.shard.${warning}`));
  });

  test("several pools and nothing that chooses between them", () => {
    const pools = { p: one.pools.backends, q: one.pools.backends };
    const warning = "pools: 2 pools and no virtual_hosts: no request has a route; add virtual_hosts";
    expect(warningsOf({ pools })).toEqual([warning]);
    expect(rulesOf({ pools }).virtualHosts).toEqual([]);
    expect(warningsOf({ pools, virtual_hosts: [] })).toEqual([]);
  });
});
