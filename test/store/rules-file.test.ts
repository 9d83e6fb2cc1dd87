// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is what riffle.yaml says
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseRulesText, readRules } from "../../src/store/rules-file.ts";

const origin = { file: "riffle.yaml", folder: "/etc/riffle", env: { SALT: "hush", PORT: "7001" } };

/** All problems of a text, without the file's name. */
function problemsOf(text: string): readonly string[] {
  const parsed = parseRulesText(text, origin);
  return "problems" in parsed ? parsed.problems.map((line) => line.replace(/^riffle\.yaml:/, "")) : [];
}

const pool = (rest: string): string => `pools: {p: {targets: [{id: a}], ${rest}}}`;
const tuned = (rest: string): string => `pools: {p: {targets: [{id: a}]}}\ncustomers: {acme: {${rest}}}`;
const TARGETS = "pool, cluster, header, split, redirect, direct_response";
const PICKS =
  "random, least_loaded, affinity:header:NAME, affinity:cookie:NAME, affinity:variable:NAME, affinity:path or affinity:source_ip";
const stored = (rest: string): string => `discovery: {d: {from: store, ${rest}}}\nstore: {redis: 'redis://a'}`;
const REDIS_URLS = "redis://127.0.0.1:6379, rediss:// for TLS, or unix:/run/redis.sock";
const NO_LOGIN = "has no user:password or :password before the @; write every character but letters and digits in them as %XX";
const routes = (rest: string): string => `pools: {p: {targets: [{id: t1}]}}\nvirtual_hosts: [{routes: [{${rest}}]}]`;

describe("a value that cannot be meant is one line with its place", () => {
  test.each([
    // unknown keys, at the key
    ["lisen: {}", '1:1: unknown key "lisen"; did you mean "listen"?'],
    ["listen: {xds: a:1}", '1:10: unknown key "xds"; known: "grpc", "transport", "admin", "max_connection_age"'],
    ["envoy:\n  listen: 127.0.0.1:1\n  when_dwon: refuse", '3:3: unknown key "when_dwon"; did you mean "when_down"?'],
    [
      "<<: {}",
      '1:1: unknown key "<<"; known: "listen", "envoy", "clusters", "customer", "pools", "customers", "defaults", "discovery", "store", "virtual_hosts"',
    ],
    // missing ones, at the parent
    ["pools:\n  p:\n    shard: {}", "2:3: targets is missing"],
    ["pools:\n  p:\n    targets:\n      - zone: a", "4:9: id is missing"],
    ["virtual_hosts:\n  - hosts: [a]", "2:5: routes is missing"],
    [routes("match: {}"), "2:27: target is missing"],
    ["customer: {from: [{}]}", "1:19: header is missing"],
    // wrong types, at the value
    ["- a", "1:1: the document must be a mapping, but is a list"],
    ["text", "1:1: the document must be a mapping, but is text"],
    ["listen: []", "1:9: listen must be a mapping, but is a list"],
    ["listen:", "1:1: listen must be a mapping, but is empty; give it a value or remove the key"],
    ["pools: []", "1:8: pools must be a mapping, but is a list"],
    ["pools: {p: {targets: {a: b}}}", "1:22: targets must be a list, but is a mapping"],
    ["pools: {p: {targets: []}}", "1:22: targets must list at least one"],
    ["pools: {p: {targets: [a]}}", "1:23: targets[0] must be a mapping, but is text"],
    ["pools: {p: {targets: [{id: 5}]}}", "1:28: id must be text, but is a number; put it in quotes"],
    ["clusters: {a: {}}", "1:15: a must be a list, but is a mapping"],
    // listen and envoy
    ["listen: {grpc: 9001}", "1:16: grpc must be an address or a list of them, but is a number"],
    ["listen: {grpc: []}", "1:16: grpc must list at least one"],
    ["listen: {grpc: nope}", '1:16: grpc "nope" is not an address; write host:port or [IPv6]:port'],
    ["listen: {grpc: [a:1, nope]}", '1:22: grpc[1] "nope" is not an address; write host:port or [IPv6]:port'],
    ["listen: {grpc: [a:1, A:1]}", '1:22: grpc[1] "a:1" is listened at already; remove one of the two'],
    ["listen: {grpc: [unix:a, unix:./a]}", '1:25: grpc[1] "unix:./a" is listened at already; remove one of the two'],
    ["listen: {grpc: 'unix:'}", '1:16: grpc "unix:" names no socket; write unix:riffle.sock or unix:/run/riffle.sock'],
    [
      `listen: {grpc: "unix:${"s".repeat(96)}"}`,
      "1:16: grpc: the socket's absolute path has 108 bytes, and 107 is the most; choose a shorter one",
    ],
    [
      `listen: {grpc: [a:1, "unix:/${"é".repeat(54)}"]}`,
      "1:22: grpc[1]: the socket's absolute path has 109 bytes, and 107 is the most; choose a shorter one",
    ],
    ["listen: {transport: node}", '1:21: transport cannot be "node"; known: "own", "grpc-js"'],
    // TLS
    ["listen: {grpc: {address: 'a:1'}}", "1:10: tls is missing"],
    [
      "listen: {grpc: {address: unix:a, tls: {cert: c, key: k}}}\nenvoy: {tls: {ca: a}}",
      '1:26: address "unix:a" is not an address; write host:port or [IPv6]:port',
    ],
    ["listen: {grpc: [{address: 'a:1', tls: {cert: c}}]}\nenvoy: {tls: {ca: a}}", "1:34: key is missing"],
    ["listen: {grpc: [{address: 'a:1', tls: {cert: '', key: k}}]}\nenvoy: {tls: {ca: a}}", '1:46: cert "" names no file'],
    ["envoy: {tls: {ca: etc/}}", '1:19: ca "etc/" names no file'],
    [
      "listen: {grpc: ['a:1', {address: 'A:1', tls: {cert: c, key: k}}]}\nenvoy: {tls: {ca: a}}",
      '1:34: address "a:1" is listened at already; remove one of the two',
    ],
    ["listen: {grpc: [5]}", "1:17: grpc[0] must be an address, or a mapping of address and tls, but is a number"],
    [
      "envoy: {}\nlisten: {grpc: ['a:2', {address: 'a:1', tls: {cert: c, key: k}}]}",
      "1:1: envoy.tls is missing: grpc[1] has TLS; write tls: {ca: …}, the CA of riffle's certificate on Envoy's machine",
    ],
    [
      "listen: {grpc: {address: 'a:1', tls: {cert: c, key: k}}}",
      "1:1: envoy.tls is missing: grpc has TLS; write tls: {ca: …}, the CA of riffle's certificate on Envoy's machine",
    ],
    ["envoy: {tls: {ca: a, cert: c}}", "1:14: tls has no key; cert and key go together"],
    ["envoy: {tls: {ca: a, key: c}}", "1:14: tls has no cert; cert and key go together"],
    [
      "envoy: {tls: {ca: a}}\nlisten: {grpc: {address: 'a:1', tls: {cert: c, key: k, client_ca: ca}}}",
      "1:14: tls has no cert and key, and grpc has client_ca; add both, so that Envoy is let in",
    ],
    ["envoy: {listen: unix:a}", '1:17: listen "unix:a" is not an address; write host:port or [IPv6]:port'],
    ["envoy: {message_timeout: 500}", "1:26: message_timeout must be text, but is a number; put it in quotes"],
    ["envoy: {health_interval: 0s}", '1:26: health_interval "0s" is out of range; write 1ms or more, and less than 24 days'],
    ["envoy: {when_down: refused}", '1:20: when_down cannot be "refused"; did you mean "refuse"?'],
    ["envoy: {when_down: true}", "1:20: when_down must be refuse or {fallback: <cluster>}, but is a boolean"],
    ["envoy: {when_down: {}}", "1:9: fallback is missing"],
    ["envoy: {when_down: {fallback: x}}", '1:31: fallback "x" does not exist; none is defined'],
    // clusters and targets
    ["clusters: {a b: []}", '1:12: "a b" is not a target id; write 1 to 256 visible ASCII characters without , ; "'],
    ["clusters: {riffle: []}", '1:12: "riffle" is the name of riffle\'s own cluster; choose another'],
    ["clusters: {a: [b:0]}", '1:16: a[0] "b:0" has no such port; write 1 to 65535'],
    ["pools: {A: {targets: [{id: a}]}}", '1:9: "A" is not a pool name; write 1 to 63 of a-z 0-9 _ -, the first a letter or digit'],
    ["pools: {p: {targets: [{id: riffle}]}}", '1:28: id "riffle" is the name of riffle\'s own cluster; choose another'],
    ["pools: {p: {targets: [{id: a;b}]}}", '1:28: id "a;b" is not a target id; write 1 to 256 visible ASCII characters without , ; "'],
    ["pools: {p: {targets: [{id: a}, {id: a, address: b:1}]}}", '1:37: id "a" is a target of this pool already; ids are distinct'],
    ["pools: {p: {targets: [{id: a, zone: ''}]}}", '1:37: zone "" is not a zone; leave the key out where there is none'],
    ['pools: {p: {targets: [{id: a, zone: "\\uD800"}]}}', '1:37: zone "\\ud800" holds half a surrogate pair; write valid text'],
    [
      "clusters: {a: [h:1]}\npools: {p: {targets: [{id: a}]}}",
      '2:23: "a" has no address here and h:1 in clusters; give it the same in both',
    ],
    [
      "pools: {p: {targets: [{id: a}]}, q: {targets: [{id: a, address: h:1}]}}",
      '1:48: "a" has h:1 here and none in pools.p; give it the same in both',
    ],
    // shards and outputs
    [pool("shard: {size: 0}"), '1:47: size 0 is not a shard size; write 1 or more targets, or "0.01%" to "100%" of the pool'],
    [pool("shard: {size: 1.5}"), '1:47: size 1.5 is not a shard size; write 1 or more targets, or "0.01%" to "100%" of the pool'],
    [pool("shard: {size: 101%}"), '1:47: size "101%" is not a shard size; write 1 or more targets, or "0.01%" to "100%" of the pool'],
    [pool("shard: {size: 1e400}"), "1:47: size must be a number of targets or a percentage of the pool, but is Infinity"],
    [pool("shard: {size: [2]}"), "1:47: size must be a number of targets or a percentage of the pool, but is a list"],
    [pool("shard: {zones: spred}"), '1:48: zones cannot be "spred"; did you mean "spread"?'],
    [pool("shard: {min_zones: 0}"), "1:52: min_zones must be at least 1, but is 0"],
    [pool("shard: {min_zones: 1.5}"), "1:52: min_zones must be a whole number, but is 1.5"],
    [pool("shard: {min_zones: 1e400}"), "1:52: min_zones must be a number, but is Infinity"],
    [pool("shard: {min_zones: 1e300}"), "1:52: min_zones is too large, being 1e+300"],
    [pool("shard: {min_zones: two}"), "1:52: min_zones must be a number, but is text"],
    [pool('shard: {salt: "hush\\0"}'), "1:47: salt may not hold a NUL; write other text"],
    [pool("shard: {pick: least}"), `1:47: pick "least" is no way to pick; write ${PICKS}`],
    [pool("shard: {pick: affinity:body}"), `1:47: pick "affinity:body" is no way to pick; write ${PICKS}`],
    [pool("shard: {pick: affinity:path:x}"), `1:47: pick "affinity:path:x" is no way to pick; write ${PICKS}`],
    [
      pool("shard: {pick: 'affinity:cookie:'}"),
      '1:47: pick "" is not a cookie\'s name; write affinity:cookie:NAME, such as affinity:cookie:session',
    ],
    [pool("shard: {spill: -1}"), "1:48: spill must be at least 0, but is -1"],
    [pool("shard: {spill: 101}"), "1:48: spill is too large, being 101"],
    [pool("shard: {size: 0%}"), '1:47: size "0%" is not a shard size; write 1 or more targets, or "0.01%" to "100%" of the pool'],
    [pool("shard: {size: 200%}"), '1:47: size "200%" is not a shard size; write 1 or more targets, or "0.01%" to "100%" of the pool'],
    [pool("shard: {size: abc}"), '1:47: size "abc" is not a shard size; write 1 or more targets, or "0.01%" to "100%" of the pool'],
    [pool("ejection: {share: 0%}"), '1:51: share "0%" is not a share of the pool; write "0.01%" to "100%"'],
    [pool("ejection: {failures: 0}"), "1:54: failures must be at least 1, but is 0"],
    ["pools: {p: {targets: []}}", "1:22: targets must list at least one"],
    ["pools: {p: {targets: [{id: a, weight: -1}]}}", "1:39: weight must be at least 0, but is -1"],
    ["pools: {p: {targets: [{id: a, weight: 65536}]}}", "1:39: weight is too large, being 65536"],
    ["pools: {p: {targets: [{id: a, weight: .nan}]}}", "1:39: weight must be a number, but is NaN"],
    ["pools: {p: {targets: [{id: a, weight: 0.5}]}}", "1:39: weight must be a whole number, but is 0.5"],
    ["pools: {p: {targets: [{id: a, state: gone}]}}", '1:38: state cannot be "gone"; known: "active", "draining", "down"'],
    [
      tuned("shard_size: 0"),
      '2:32: customer "acme": shard_size "0" is not a shard size; write 1 or more targets, or "0.01%" to "100%" of the pool',
    ],
    [tuned("shard_sise: 2"), '2:20: customer "acme": unknown key "shard_sise"; did you mean "shard_size"?'],
    [tuned("shard_size: [2]"), "2:32: shard_size must be text or a number, but is a list"],
    [tuned("q/shard_size: 2"), '2:20: customer "acme": pool "q" does not exist; did you mean "p"?'],
    [tuned("pin: b"), '2:25: customer "acme": pin "b" is no target of any pool; did you mean "a"?'],
    [tuned("p/pin: 'a,b'"), '2:27: customer "acme": pin "b" is no target of pool p; did you mean "a"?'],
    [tuned("avoid: b"), '2:27: customer "acme": avoid "b" is no target of any pool; did you mean "a"?'],
    [tuned("quarantine: ward"), '2:32: customer "acme": quarantine "ward" is no pool; known: "p"'],
    [tuned("reseed: 4294967296"), '2:28: customer "acme": reseed "4294967296" is not a whole number from 0 to 4294967295'],
    [tuned("spill: '01'"), '2:27: customer "acme": spill "01" is not a whole number from 0 to 100'],
    [
      pool("output: {cluster_header: host}"),
      '1:58: cluster_header "host" belongs to the connection or the message itself; name another header',
    ],
    // customer
    ["customer: {from: []}", "1:18: from must list at least one"],
    ["customer: {from: [{header: ':path'}]}", '1:28: header ":path" is not a header name; write one such as x-customer-id'],
    [
      "customer: {from: [{header: x-riffle-a}]}",
      '1:28: header "x-riffle-a" is reserved, as is all that starts with x-riffle-; name another header',
    ],
    ["customer: {from: [{header: X-A}, {header: x-a}]}", '1:43: header "x-a" is a source already; remove one of the two'],
    [
      "customer: {from: [{header: X_Target-Cluster}]}",
      '1:28: header "X_Target-Cluster" holds an underscore, and Envoy refuses requests with such headers; write it with -',
    ],
    [
      "envoy: {listen: 'localhost:80'}",
      '1:17: listen "localhost:80" is no IP address, and Envoy listens at no other; write one such as 127.0.0.1:8080',
    ],
    [
      "customer: {from: [{header: Region}]}",
      '1:28: header "Region" is stripped from every request, as no client\'s to say; name another header',
    ],
    [
      "customer: {from: [{header: X-Target-Cluster}]}",
      '1:28: header "X-Target-Cluster" is stripped from every request, as no client\'s to say; name another header',
    ],
    [
      `customer: {from: [{header: x-to}]}\n${pool("output: {cluster_header: X-To}")}`,
      '1:28: header "x-to" is stripped from every request, as no client\'s to say; name another header',
    ],
    ["customer: {missing: refuse}", '1:21: missing cannot be "refuse"; known: "reject", "anonymous", "pass"'],
    // routes
    ["defaults: {default_target: x}", '1:28: default_target "x" does not exist; none is defined'],
    [
      "defaults: {on_error: default_target}",
      "1:22: on_error: default_target names none; write the target's name as default_target of defaults",
    ],
    [
      routes("target: {pool: p}, on_error: default_target"),
      "2:57: on_error: default_target names none; write the target's name as default_target of defaults",
    ],
    [routes("target: {pool: q}"), '2:43: pool "q" does not exist; did you mean "p"?'],
    [routes("target: {cluster: t2}"), '2:46: cluster "t2" does not exist; did you mean "t1"?'],
    [routes("target: {}"), `2:36: target must name exactly one of ${TARGETS}`],
    [routes("target: {pool: p, cluster: t1}"), `2:36: target must name exactly one of ${TARGETS}`],
    [routes("target: {pol: p}"), '2:37: unknown key "pol"; did you mean "pool"?'],
    [routes("target: {pool: p}, match: {paths: /}"), '2:55: unknown key "paths"; did you mean "path"?'],
    [routes("target: {pool: p}, match: {prefix: a}"), '2:63: prefix "a" is not a prefix of a path; begin it with /'],
    [routes("target: {pool: p}, match: {prefix: /a?b}"), '2:63: prefix "/a?b" reaches into the query; end it before ? and #'],
    // store
    ["store: redis", "1:8: store must be a mapping, but is text"],
    ["store: {}", "1:1: redis is missing"],
    ["store: {redis: []}", "1:16: redis must be text, but is a list"],
    ["store: {redis: {sentinels: [a:1]}}", "1:16: redis must be text, but is a mapping"],
    ["store: {redis: 'redis://a', snapshot: state.json}", '1:29: unknown key "snapshot"; known: "redis"'],
    ["store: {redis: '127.0.0.1:6379'}", `1:16: redis is no Redis URL; write ${REDIS_URLS}`],
    ["store: {redis: 'http://a'}", `1:16: redis is no Redis URL; write ${REDIS_URLS}`],
    ["store: {redis: 'redis://'}", `1:16: redis is no Redis URL; write ${REDIS_URLS}`],
    ["store: {redis: 'redis://a/b'}", `1:16: redis is no Redis URL; write ${REDIS_URLS}`],
    ["store: {redis: 'redis://a?protocol=3'}", `1:16: redis is no Redis URL; write ${REDIS_URLS}`],
    ["store: {redis: 'redis://a:0'}", `1:16: redis names no host and port; write ${REDIS_URLS}`],
    ["store: {redis: 'redis://a,b:1'}", `1:16: redis names no host and port; write ${REDIS_URLS}`],
    ["store: {redis: 'redis://hush@a'}", `1:16: redis ${NO_LOGIN}`],
    ["store: {redis: 'redis://me:@a'}", `1:16: redis ${NO_LOGIN}`],
    ["store: {redis: 'redis://me:hu@sh@a'}", `1:16: redis ${NO_LOGIN}`],
    ["store: {redis: 'redis://me:hu%sh@a'}", `1:16: redis ${NO_LOGIN}`],
    ["store: {redis: 'unix:'}", '1:16: redis "unix:" names no socket; write unix:riffle.sock or unix:/run/riffle.sock'],
    [
      `store: {redis: "unix:${"s".repeat(96)}"}`,
      "1:16: redis: the socket's absolute path has 108 bytes, and 107 is the most; choose a shorter one",
    ],
    // discovery
    ["discovery: {d: {from: store, table: {}}}\nstore: {redis: 'redis://a'}", "1:16: d must name exactly one of url, table, from"],
    ["discovery: {d: {from: redis}}", '1:23: from cannot be "redis"; known: "store"'],
    ["discovery: {d: {from: store}}", "1:23: from is store, and there is none; write store: {redis: redis://127.0.0.1:6379}"],
    [stored("field: region"), "1:37: field goes with url; remove it"],
    [stored("timeout: 26ms"), "1:39: timeout is 26ms, and nothing waits longer for the store than 25ms; shorten it"],
    [
      `envoy: {message_timeout: 25ms}\n${stored("by: host")}`,
      "2:16: timeout is 25ms, and riffle answers within 20ms (80 % of envoy.message_timeout); shorten it",
    ],
    [stored("by: region"), '1:34: by "region" is nothing to look up; write host, customer or header:NAME'],
    [
      stored("by: 'header:x-target-cluster'"),
      '1:34: by "x-target-cluster" is stripped from every request, as no client\'s to say; name another header',
    ],
    ["virtual_hosts: [{hosts: [], routes: []}]", "1:25: hosts must list at least one"],
    ["virtual_hosts: [{hosts: ['*a'], routes: []}]", '1:26: hosts[0] "*a" is not a host; write a name, "*.example.com", "api.*" or "*"'],
    [
      "virtual_hosts: [{hosts: [a], routes: []}, {hosts: [b, A], routes: []}]",
      '1:55: hosts[1] "a" is a virtual host already; each belongs to one, in Envoy too',
    ],
    ["virtual_hosts: [{routes: []}, {routes: []}]", '1:31: hosts "*" is a virtual host already; each belongs to one, in Envoy too'],
    // environment
    [pool('shard: {salt: "${NOPE}"}'), "1:47: salt: the environment variable NOPE is not set; set it, or write $${ for a plain ${"],
    ['listen: {grpc: "a:${NOPE}"}', "1:16: grpc: the environment variable NOPE is not set; set it, or write $${ for a plain ${"],
    ['listen: {grpc: "a:$${PORT}"}', '1:16: grpc "a:${PORT}" is not an address; write host:port or [IPv6]:port'],
    [
      '"${PORT}": 1',
      '1:1: unknown key "${PORT}"; known: "listen", "envoy", "clusters", "customer", "pools", "customers", "defaults", "discovery", "store", "virtual_hosts"',
    ],
  ])("%s", (text, line) => expect(problemsOf(text)).toEqual([line]));
});

const match = (rest: string): string => routes(`target: {pool: p}, match: {${rest}}`);
const target = (rest: string): string => routes(`target: {${rest}}`);
const changing = (rest: string): string => routes(`target: {pool: p}, ${rest}`);
const found = (rest: string): string => `discovery: {d: {${rest}}}`;
const regional = (region: string, more = "target: {pool: p}"): string =>
  `discovery: {d: {table: {}}}\n${routes(`region: {discovery: d, ${region}}, ${more}`)}`;

describe("what a route matches is one line with its place where it cannot be meant", () => {
  test.each<[string, string]>([
    [match("path: a"), '2:61: path "a" is not a path; begin it with /'],
    [match("path: /a#b"), '2:61: path "/a#b" reaches into the query; end it before ? and #'],
    [match("path: '/a b'"), '2:61: path "/a b" can match no path; percent-encode all but visible ASCII'],
    [match("path: /é"), '2:61: path "/é" can match no path; percent-encode all but visible ASCII'],
    [match("prefix: ''"), '2:63: prefix "" is not a prefix of a path; begin it with /'],
    [match("path_separated_prefix: /a/"), '2:78: path_separated_prefix "/a/" ends with a slash; leave it out'],
    [match("path_separated_prefix: /"), '2:78: path_separated_prefix "/" ends with a slash; for every path write prefix: /'],
    [match("path: /a, prefix: /"), "2:54: match must name at most one of path, prefix, path_separated_prefix, regex, template"],
    [match("path: /a, prefx: /"), '2:65: unknown key "prefx"; did you mean "prefix"?'],
    [match("regex: '('"), '2:62: regex "(": no regex in RE2\'s syntax: missing closing ): `(`; a literal bracket is written \\[ or \\('],
    [
      match("regex: '(?=a)'"),
      '2:62: regex "(?=a)": no regex in RE2\'s syntax: invalid or unsupported Perl syntax: `(?=`; RE2 has no look-around: match it by an earlier route',
    ],
    [match("template: '/{a}/{a}'"), '2:65: template "/{a}/{a}": two variables are called a'],
    [match("template: a"), '2:65: template "a": a template begins with / and has visible ASCII characters alone: encode others as %XX'],
    [match("template: '/{customer}'"), "2:65: template: {customer} is a variable everywhere; name it otherwise"],
    [match("methods: []"), "2:64: methods must list at least one"],
    [match("methods: [G T]"), '2:65: methods[0] "G T" is not a method; write one such as GET'],
    [match("methods: GET"), "2:64: methods must be a list, but is text"],
    [match("methods: [5]"), "2:65: methods[0] must be text, but is a number; put it in quotes"],
    [match("headers: [{exact: a}]"), "2:65: name is missing"],
    [match("headers: [{name: x-a}]"), "2:65: headers[0] must name exactly one of exact, prefix, suffix, contains, regex, present, range"],
    [
      match("headers: [{name: x-a, exact: a, prefix: b}]"),
      "2:65: headers[0] must name exactly one of exact, prefix, suffix, contains, regex, present, range",
    ],
    [match("headers: [{name: x-a, exat: a}]"), '2:77: unknown key "exat"; did you mean "exact"?'],
    [match("headers: [{name: host, exact: a}]"), '2:72: name "host" is :authority to Envoy and riffle; write that'],
    [match("headers: [{name: 'x a', exact: a}]"), '2:72: name "x a" is not a header name; write one such as x-env'],
    [match("headers: [{name: x_a, exact: a}]"), '2:72: name "x_a" is not a header name; write one such as x-env'],
    [match("headers: [{name: ':status', exact: a}]"), '2:72: name ":status" is not a header name; write one such as x-env'],
    [match("headers: [{name: x-a, present: false}]"), "2:86: present must be true, but is false"],
    [match("headers: [{name: x-a, present: 1}]"), "2:86: present must be true, but is a number"],
    [match("headers: [{name: x-a, contains: ''}]"), '2:87: contains "" is part of every text; write present: true'],
    [match(`headers: [{name: x-a, exact: "\\uD800"}]`), '2:84: exact "\\ud800" holds half a surrogate pair; write valid text'],
    [
      match(`headers: [{name: x-a, exact: ${"x".repeat(1025)}}]`),
      '2:84: exact "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…" is longer than 1024 characters',
    ],
    [match("headers: [{name: x-a, range: {start: 5, end: 5}}]"), "2:84: range must end beyond its start"],
    [match("headers: [{name: x-a, range: {start: 0.5, end: 5}}]"), "2:92: start must be a whole number, but is 0.5"],
    [match("headers: [{name: x-a, range: {start: 1}}]"), "2:77: end is missing"],
    [
      match("headers: [{name: x-a, regex: '['}]"),
      '2:84: regex "[": no regex in RE2\'s syntax: missing closing ]: `[`; a literal bracket is written \\[ or \\(',
    ],
    [
      match("headers: [{name: Region, present: true}]"),
      '2:72: name "Region" is stripped from every request, as no client\'s to say; name another header',
    ],
    [
      match("headers: [{name: X-Riffle-A, present: true}]"),
      '2:72: name "X-Riffle-A" is stripped from every request, as no client\'s to say; name another header',
    ],
    [
      match("headers: [{name: x-original-url, present: true}]"),
      '2:72: name "x-original-url" is stripped from every request, as no client\'s to say; name another header',
    ],
    [
      match(`headers: [${Array.from({ length: 33 }, () => "{name: a, exact: b}").join(", ")}]`),
      "2:64: headers lists 33, and 32 are the most; leave some out",
    ],
    [match("query: [{name: '', exact: a}]"), '2:70: name "" is no name of a query parameter; percent-encode what is not plain'],
    [match("query: [{name: a b, exact: a}]"), '2:70: name "a b" is no name of a query parameter; percent-encode what is not plain'],
    [match("query: [{name: a&b, present: true}]"), '2:70: name "a&b" is no name of a query parameter; percent-encode what is not plain'],
    [
      match("query: [{name: a, invert: true, present: true}]"),
      '2:73: unknown key "invert"; known: "exact", "prefix", "suffix", "contains", "regex", "present", "name"',
    ],
    [match("query: [{name: a}]"), "2:63: query[0] must name exactly one of exact, prefix, suffix, contains, regex, present"],
    [match("percent: 10"), "2:64: percent must be text, but is a number; put it in quotes"],
    [match("percent: 101%"), '2:64: percent "101%" is not a share of the customers; write "0%" to "100%"'],
    [match("percent: 0.001%"), '2:64: percent "0.001%" is not a share of the customers; write "0%" to "100%"'],
    [match("percent: ten"), '2:64: percent "ten" is not a share of the customers; write "0%" to "100%"'],
    [match("percent: -1%"), '2:64: percent "-1%" is not a share of the customers; write "0%" to "100%"'],
    [
      routes("name: a b, target: {pool: p}"),
      '2:34: name "a b" is not a route\'s name; write 1 to 63 of A-Z a-z 0-9 _ . -, the first a letter or digit',
    ],
    [
      routes("name: '', target: {pool: p}"),
      '2:34: name "" is not a route\'s name; write 1 to 63 of A-Z a-z 0-9 _ . -, the first a letter or digit',
    ],
    [
      routes("name: a, target: {pool: p}}, {name: a, target: {pool: p}"),
      '2:64: name "a" is another route\'s name already; names are distinct',
    ],
  ])("%.200s", (text, line) => expect(problemsOf(text)).toEqual([line]));
});

describe("where a route leads, likewise", () => {
  test.each<[string, string]>([
    [target("pool: p, allowed: [t1]"), "2:36: target has allowed, which goes with header"],
    [target("allowed: [t1]"), "2:36: target must name exactly one of pool, cluster, header, split, redirect, direct_response"],
    [
      target("header: x-to"),
      '2:45: header "x-to" is set by nobody; add region or request: {set} to the route, or list the clusters that clients may name as allowed',
    ],
    [target("header: x-to, allowed: []"), "2:60: allowed must list at least one"],
    [target("header: x-to, allowed: [t2]"), '2:61: allowed[0] "t2" does not exist; did you mean "t1"?'],
    [target("header: host, allowed: [t1]"), '2:45: header "host" is :authority to Envoy and riffle; write that'],
    [target("header: 'x y', allowed: [t1]"), '2:45: header "x y" is not a header name; write one such as x-env'],
    [
      target("header: X-Target-Cluster, allowed: [t1]"),
      '2:45: header "X-Target-Cluster" is stripped from every request, as no client\'s to say; name another header',
    ],
    [
      target("header: region, allowed: [t1]"),
      '2:45: header "region" is stripped from every request, as no client\'s to say; name another header',
    ],
    [target("pool: "), "2:37: pool must be text, but is empty; give it a value or remove the key"],
    [target("pool: 5"), "2:43: pool must be text, but is a number; put it in quotes"],
    [target("split: []"), "2:44: split must list at least one"],
    [target("split: [{pool: p}]"), "2:45: weight is missing"],
    [target("split: [{weight: 1}]"), "2:45: split[0] must name exactly one of pool, cluster"],
    [target("split: [{weight: 1, pool: p, cluster: t1}]"), "2:45: split[0] must name exactly one of pool, cluster"],
    [target("split: [{weight: 0, pool: p}]"), "2:36: target must give one part of split a weight above 0"],
    [target("split: [{weight: -1, pool: p}]"), "2:54: weight must be at least 0, but is -1"],
    [target("split: [{weight: 1.5, pool: p}]"), "2:54: weight must be a whole number, but is 1.5"],
    [target("split: [{weight: 10%, pool: p}]"), "2:54: weight must be a number, but is text"],
    [target("split: [{weight: 1000001, pool: p}]"), "2:54: weight is too large, being 1000001"],
    [target("split: [{weight: 1, pool: q}]"), '2:63: pool "q" does not exist; did you mean "p"?'],
    [target("split: [{weight: 1, cluster: q}]"), '2:66: cluster "q" does not exist; known: "t1"'],
    [target("split: [{weight: 1, header: x}]"), '2:57: unknown key "header"; known: "pool", "cluster", "weight"'],
    [
      target(`split: [${Array.from({ length: 101 }, () => "{weight: 1, pool: p}").join(", ")}]`),
      "2:44: split lists 101, and 100 are the most; leave some out",
    ],
    [target("redirect: {}"), "2:47: redirect must change something; name scheme, host, port or path"],
    [target("redirect: {strip_query: true}"), "2:47: redirect must change something; name scheme, host, port or path"],
    [target("redirect: {path: /a, status: 300}"), "2:66: status cannot be 300; known: 301, 302, 303, 307, 308"],
    [target("redirect: {path: /a, status: '301'}"), "2:66: status must be one of 301, 302, 303, 307, 308, but is text"],
    [target("redirect: {path: /a, status: found}"), "2:66: status must be one of 301, 302, 303, 307, 308, but is text"],
    [target("redirect: {path: /a, status: [301]}"), "2:66: status must be one of 301, 302, 303, 307, 308, but is a list"],
    [target("redirect: {scheme: ftp}"), '2:56: scheme cannot be "ftp"; known: "http", "https"'],
    [target("redirect: {scheme: HTTPS}"), '2:56: scheme cannot be "HTTPS"; known: "http", "https"'],
    [target("redirect: {host: 'a.com:80'}"), '2:54: host "a.com:80" is not a host; write its name or address, and the port as port'],
    [target("redirect: {host: a/b}"), '2:54: host "a/b" is not a host; write its name or address, and the port as port'],
    [target("redirect: {host: 'a@b'}"), '2:54: host "a@b" is not a host; write its name or address, and the port as port'],
    [target("redirect: {port: 0}"), "2:54: port must be at least 1, but is 0"],
    [target("redirect: {port: 65536}"), "2:54: port is too large, being 65536"],
    [target("redirect: {path: a}"), '2:54: path "a" is not a path; begin it with / or {path}'],
    [
      target("redirect: {path: '/a#b'}"),
      '2:54: path "/a#b" reaches into the query, which a redirect keeps or strips; end it before ? and #',
    ],
    [target(`redirect: {path: "/a\\r\\nb"}`), '2:54: path "/a\\r\\nb" holds a control character, and no header can; leave it out'],
    [target("redirect: {path: '/{id}'}"), '2:54: path: there is no variable "id"; known: "customer", "host", "path", "route", "version"'],
    [target("redirect: {path: '/{target}'}"), "2:54: path: {target} is always empty here, for redirect answers at once; leave it out"],
    [target("redirect: {path: '/{pool}'}"), "2:54: path: {pool} is always empty here, for the route has no pool; leave it out"],
    [target("redirect: {path: '/{region}'}"), "2:54: path: {region} is always empty here, for the route has no region; leave it out"],
    [target("redirect: {url: a}"), '2:48: unknown key "url"; known: "status", "scheme", "host", "port", "path", "strip_query"'],
    [target("redirect: /a"), "2:47: redirect must be a mapping, but is text"],
    [
      routes("target: {redirect: {path: /a}}, request: {set: {x-a: b}}"),
      "2:60: request changes what is sent on, and redirect answers at once; remove it",
    ],
    [
      routes("target: {direct_response: {status: 200}}, request: {remove: [x-a]}"),
      "2:70: request changes what is sent on, and direct_response answers at once; remove it",
    ],
    [routes("target: {redirect: {path: /a}}, stats: response"), "2:60: stats looks at responses, and redirect answers at once; remove it"],
    [target("direct_response: {}"), "2:37: status is missing"],
    [target("direct_response: {status: 199}"), "2:63: status must be at least 200, but is 199"],
    [target("direct_response: {status: 600}"), "2:63: status is too large, being 600"],
    [target("direct_response: {status: ok}"), "2:63: status must be a number, but is text"],
    [
      target("direct_response: {status: 204, body: a}"),
      "2:54: direct_response has a body, and an answer of this status has none; leave it out",
    ],
    [
      target("direct_response: {status: 205, body: ''}"),
      "2:54: direct_response has a body, and an answer of this status has none; leave it out",
    ],
    [
      target("direct_response: {status: 304, body: a}"),
      "2:54: direct_response has a body, and an answer of this status has none; leave it out",
    ],
    [
      target(`direct_response: {status: 200, body: ${"x".repeat(4097)}}`),
      "2:74: body has 4097 characters, and 4096 are the most; shorten it",
    ],
    [target(`direct_response: {status: 200, body: "\\uD800"}`), '2:74: body "\\ud800" holds half a surrogate pair; write valid text'],
    [target("direct_response: {status: 200, body: 5}"), "2:74: body must be text, but is a number; put it in quotes"],
    [target("direct_response: hello"), "2:54: direct_response must be a mapping, but is text"],
    [target("direct_response: {status: 200, headers: {}}"), '2:68: unknown key "headers"; known: "status", "body"'],
    [routes("target: {header: x-to}, request: {set: {x-to: t2}}"), '2:74: x-to "t2" does not exist; did you mean "t1"?'],
    [
      routes("target: {header: x-to}, request: {set: {X-To: '{customer}'}}"),
      "2:74: X-To names a cluster, and {customer} could name any; write a cluster, with {region} at the most",
    ],
    [
      routes("match: {template: '/{id}'}, target: {header: x-to}, request: {set: {x-to: 't{id}'}}"),
      "2:102: x-to names a cluster, and {id} could name any; write a cluster, with {region} at the most",
    ],
    [
      routes("target: {header: x-to}, request: {set: {x-to: '{region}'}}"),
      "2:74: x-to: {region} is always empty here, for the route has no region; leave it out",
    ],
    [
      routes("target: {header: x-to, allowed: [t1]}, request: {set: {x-to: t1}}"),
      '2:45: header "x-to" is set by the route itself; leave allowed out, or name a header that clients send',
    ],
    [
      routes("target: {header: x-to}, request: {set: {x-to: t1}}}, {target: {pool: p}, request: {add: {X-To: t1}}"),
      '2:117: header "X-To" is written by riffle itself; change another one',
    ],
    [
      routes("target: {header: x-customer-id}, request: {set: {x-customer-id: t1}}"),
      '2:77: header "x-customer-id" says whose request it is; change another one',
    ],
  ])("%.200s", (text, line) => expect(problemsOf(text)).toEqual([line]));
});

describe("what a route changes, likewise", () => {
  test.each<[string, string]>([
    [changing("request: {set: {'x a': b}}"), '2:63: "x a" is not a header name; write one such as x-customer-id'],
    [changing("request: {set: {':path': /}}"), '2:63: ":path" is not a header name; write one such as x-customer-id'],
    [changing("response: {set: {':status': '200'}}"), '2:64: ":status" is not a header name; write one such as x-customer-id'],
    [changing("request: {set: {Host: a}}"), '2:63: "Host" belongs to the connection or the message itself; name another header'],
    [
      changing("response: {add: {content-length: '5'}}"),
      '2:64: "content-length" belongs to the connection or the message itself; name another header',
    ],
    [
      changing("response: {remove: [Transfer-Encoding]}"),
      '2:67: remove[0] "Transfer-Encoding" belongs to the connection or the message itself; name another header',
    ],
    [changing("request: {remove: [':path']}"), '2:66: remove[0] ":path" is not a header name; write one such as x-customer-id'],
    [
      changing("request: {set: {x-envoy-retry-on: a}}"),
      '2:63: "x-envoy-retry-on" is reserved, as is all that starts with x-envoy-; name another header',
    ],
    [
      changing("response: {set: {x-riffle-a: b}}"),
      '2:64: "x-riffle-a" is reserved, as is all that starts with x-riffle-; name another header',
    ],
    [
      changing("request: {set: {x_a: b}}"),
      '2:63: "x_a" holds an underscore, and Envoy refuses requests with such headers; write it with -',
    ],
    [changing("request: {set: {'': b}}"), '2:63: "" is not a header name; write one such as x-customer-id'],
    [
      changing("request: {set: {__proto__: b}}"),
      '2:63: "__proto__" holds an underscore, and Envoy refuses requests with such headers; write it with -',
    ],
    [changing("request: {set: {é: b}}"), '2:63: "é" is not a header name; write one such as x-customer-id'],
    [changing(`request: {set: {x-a: "a\\r\\nb"}}`), '2:68: x-a "a\\r\\nb" holds a control character, and no header can; leave it out'],
    [
      changing(`response: {add: {x-a: [ok, "a\\0"]}}`),
      '2:74: x-a[1] "a\\u0000" holds a control character, and no header can; leave it out',
    ],
    [changing(`response: {add: {x-a: "\\x7f"}}`), '2:69: x-a "\\u007f" holds a control character, and no header can; leave it out'],
    [changing("request: {set: {x-a: ' a'}}"), '2:68: x-a " a" begins or ends with a space, which no header keeps; leave it out'],
    [changing(`request: {set: {x-a: "a\\t"}}`), '2:68: x-a "a\\t" begins or ends with a space, which no header keeps; leave it out'],
    [changing(`request: {set: {x-a: "\\uD800"}}`), '2:68: x-a "\\ud800" holds half a surrogate pair; write valid text'],
    [
      changing(`request: {set: {x-a: ${"x".repeat(1025)}}}`),
      '2:68: x-a "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…" has more than 1024 bytes; shorten it',
    ],
    [
      changing(`request: {set: {x-a: ${"é".repeat(513)}}}`),
      '2:68: x-a "éééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé…" has more than 1024 bytes; shorten it',
    ],
    [changing("request: {set: {x-a: 5}}"), "2:68: x-a must be text, but is a number; put it in quotes"],
    [changing("request: {set: {x-a: [a]}}"), "2:68: x-a must be text, but is a list"],
    [changing("request: {set: {x-a: }}"), "2:63: x-a must be text, but is empty; give it a value or remove the key"],
    [changing("request: {set: [x-a]}"), "2:62: set must be a mapping, but is a list"],
    [changing("request: {set: x-a}"), "2:62: set must be a mapping, but is text"],
    [changing("request: {add: {x-a: []}}"), "2:68: x-a must list at least one"],
    [changing("request: {add: {x-a: [5]}}"), "2:69: x-a[0] must be text, but is a number; put it in quotes"],
    [changing("request: {add: {x-a: {b: c}}}"), "2:68: x-a must be text or a list of texts, but is a mapping"],
    [changing("request: {remove: x-a}"), "2:65: remove must be a list, but is text"],
    [changing("request: {remove: [5]}"), "2:66: remove[0] must be text, but is a number; put it in quotes"],
    [changing("request: {sett: {}}"), '2:57: unknown key "sett"; did you mean "set"?'],
    [changing("request: []"), "2:56: request must be a mapping, but is a list"],
    [changing("request: {set: {x-a: '{'}}"), '2:68: x-a "{" has a lone {; write {name} for a variable, {{ for a brace'],
    [changing("request: {set: {x-a: 'a}b'}}"), '2:68: x-a "a}b" has a lone }; write {name} for a variable, }} for a brace'],
    [changing("request: {set: {x-a: '{}'}}"), '2:68: x-a "{}" has a lone {; write {name} for a variable, {{ for a brace'],
    [changing("request: {set: {x-a: '{a b}'}}"), '2:68: x-a "{a b}" has a lone {; write {name} for a variable, {{ for a brace'],
    [changing("request: {set: {x-a: '{1}'}}"), '2:68: x-a "{1}" has a lone {; write {name} for a variable, {{ for a brace'],
    [changing("request: {set: {x-a: '{costumer}'}}"), '2:68: x-a: there is no variable "costumer"; did you mean "customer"?'],
    [
      changing("request: {set: {x-a: '{id}'}}"),
      '2:68: x-a: there is no variable "id"; known: "customer", "host", "path", "pool", "route", "target", "version"',
    ],
    [
      changing("match: {template: '/{user}'}, response: {set: {x-a: '{usr}'}}"),
      '2:99: x-a: there is no variable "usr"; did you mean "user"?',
    ],
    [changing("request: {set: {x-a: '{region}'}}"), "2:68: x-a: {region} is always empty here, for the route has no region; leave it out"],
    [
      routes("target: {cluster: t1}, request: {set: {x-a: '{pool}'}}"),
      "2:72: x-a: {pool} is always empty here, for the route has no pool; leave it out",
    ],
    [
      routes("target: {header: x-to}, request: {set: {x-to: t1, x-b: '{target}'}}"),
      "2:83: x-b: {target} is always empty here, for the route is sent by a header; leave it out",
    ],
    [
      routes("target: {split: [{weight: 1, cluster: t1}]}, response: {set: {x-a: '{pool}'}}"),
      "2:95: x-a: {pool} is always empty here, for the route has no pool; leave it out",
    ],
    [
      routes("target: {direct_response: {status: 200}}, response: {set: {x-a: '{target}'}}"),
      "2:92: x-a: {target} is always empty here, for direct_response answers at once; leave it out",
    ],
    [changing("request: {set: {X-A: a, x-a: b}}"), '2:71: header "x-a" is set already; remove one of the two'],
    [changing("request: {add: {X-A: a, x-a: b}}"), '2:71: header "x-a" is added already; write a list for several lines'],
    [changing("request: {remove: [X-A, x-a]}"), '2:71: header "x-a" is removed already; remove one of the two'],
    [
      changing("response: {set: {x-a: b}, remove: [X-A]}"),
      '2:82: header "X-A" is set as well, which replaces what was there; remove one of the two',
    ],
    [changing("request: {set: {X-Customer-Id: a}}"), '2:63: header "X-Customer-Id" says whose request it is; change another one'],
    [changing("request: {add: {x-customer-id: a}}"), '2:63: header "x-customer-id" says whose request it is; change another one'],
    [changing("request: {remove: [x-customer-id]}"), '2:66: header "x-customer-id" says whose request it is; change another one'],
    [changing("request: {set: {x-target-cluster: t1}}"), '2:63: header "x-target-cluster" is written by riffle itself; change another one'],
    [changing("request: {remove: [x-target-cluster]}"), '2:66: header "x-target-cluster" is written by riffle itself; change another one'],
    [
      `customer: {from: [{header: x-org}]}\n${changing("request: {set: {x-org: a}}")}`,
      '3:63: header "x-org" says whose request it is; change another one',
    ],
    [
      `customer: {from: [{header: x-plan}]}\n${changing("request: {set: {x-plan: a}}")}`,
      '3:63: header "x-plan" says whose request it is; change another one',
    ],
    [
      changing("request: {set: {x-plan: a}}, match: {headers: [{name: x-plan, present: true}]}"),
      '2:101: name "x-plan" is stripped from every request, as no client\'s to say; name another header',
    ],
    [
      `pools: {p: {targets: [{id: t1}], shard: {pick: "affinity:header:x-plan"}}}\nvirtual_hosts: [{routes: [{target: {pool: p}, request: {set: {X-Plan: a}}}]}]`,
      '1:48: pick "x-plan" is stripped from every request, as no client\'s to say; name another header',
    ],
    [
      'pools: {p: {targets: [{id: t1}], output: {cluster_header: Cookie}, shard: {pick: "affinity:cookie:a"}}}',
      '1:82: pick "cookie" is stripped from every request, as no client\'s to say; name another header',
    ],
    [
      changing(`request: {remove: [${Array.from({ length: 33 }, (_, i) => `x-${i}`).join(", ")}]}`),
      "2:56: request makes 33 changes, and 32 are the most; leave some out",
    ],
    [
      changing(`response: {set: {x-a: b}, add: {x-b: [${Array.from({ length: 32 }, () => "c").join(", ")}]}}`),
      "2:57: response makes 33 changes, and 32 are the most; leave some out",
    ],
    [changing("stats: both"), '2:54: stats cannot be "both"; known: "request", "response"'],
    [changing("on_error: fail"), '2:57: on_error cannot be "fail"; known: "deny", "allow", "default_target"'],
  ])("%.200s", (text, line) => expect(problemsOf(text)).toEqual([line]));
});

describe("regions and who knows them, likewise", () => {
  test.each<[string, string]>([
    [found(""), "1:16: d must name exactly one of url, table, from"],
    [
      found("url: a, table: {}"),
      '1:22: url "a" must hold one placeholder: {host}, {customer} or {header:NAME}; write http://127.0.0.1:7200/lookup?host={host}',
    ],
    [
      found("url: http://h/lookup"),
      '1:22: url "http://h/lookup" must hold one placeholder: {host}, {customer} or {header:NAME}; write http://127.0.0.1:7200/lookup?host={host}',
    ],
    [
      found("url: 'http://h/{host}/{customer}'"),
      '1:22: url "http://h/{host}/{customer}" must hold one placeholder: {host}, {customer} or {header:NAME}; write http://127.0.0.1:7200/lookup?host={host}',
    ],
    [found("url: 'http://h/{hots}'"), '1:22: url "hots" is nothing to look up; write host, customer or header:NAME'],
    [found("url: 'http://h/{header:}'"), '1:22: url "" is not a header name; write one such as x-env'],
    [found("url: 'http://h/{header:host}'"), '1:22: url "host" is :authority to Envoy and riffle; write that'],
    [found("url: 'http://{host}/'"), '1:22: url "http://{host}/" is not a URL; write http://127.0.0.1:7200/lookup?host={host}'],
    [found("url: 'http://h{host}/'"), '1:22: url "http://h{host}/" is not a URL; write http://127.0.0.1:7200/lookup?host={host}'],
    [found("url: 'http://h?q={host}'"), '1:22: url "http://h?q={host}" is not a URL; write http://127.0.0.1:7200/lookup?host={host}'],
    [found("url: 'ftp://h/{host}'"), '1:22: url "ftp://h/{host}" is not a URL; write http://127.0.0.1:7200/lookup?host={host}'],
    [found("url: 'http://u:p@h/{host}'"), "1:22: url holds a name or password; what asks from this machine needs none"],
    [found("url: 'http://u:p@h /{host}'"), "1:22: url holds a name or password; what asks from this machine needs none"],
    [found("url: 'http://h/#{host}'"), '1:22: url "http://h/#{host}" has a fragment, which is never sent; end it before #'],
    [found("url: 'http://h/{host}#a'"), '1:22: url "http://h/{host}#a" has a fragment, which is never sent; end it before #'],
    [found("url: 'http://h/{host}}'"), '1:22: url "http://h/{host}}" is not a URL; write http://127.0.0.1:7200/lookup?host={host}'],
    [found("url: 'http://h/a b{host}'"), '1:22: url "http://h/a b{host}" is not a URL; write http://127.0.0.1:7200/lookup?host={host}'],
    [
      found("url: 'http://h:99999/{host}'"),
      '1:22: url "http://h:99999/{host}" is not a URL; write http://127.0.0.1:7200/lookup?host={host}',
    ],
    [found("url: 'http://h/é{host}'"), '1:22: url "http://h/é{host}" is not a URL; write http://127.0.0.1:7200/lookup?host={host}'],
    [found("url: 'http://h\\a/{host}'"), '1:22: url "http://h\\\\a/{host}" is not a URL; write http://127.0.0.1:7200/lookup?host={host}'],
    [found("url: 5"), "1:22: url must be text, but is a number; put it in quotes"],
    [found("url: 'http://h/{host}', by: host"), "1:45: by goes with table or from; remove it"],
    [found("table: {a: 'b c'}"), '1:28: a "b c" is not a region; write 1 to 256 visible ASCII characters without , ; "'],
    [found("table: {a: ''}"), '1:28: a "" is not a region; write 1 to 256 visible ASCII characters without , ; "'],
    [found("table: {'a:80': eu}"), '1:25: "a:80" is not a host; write one such as api.example.com, without port'],
    [found("table: {'': eu}"), '1:25: "" is not a host; write one such as api.example.com, without port'],
    [found("table: {a.com: eu, A.com: us}"), '1:36: "A.com" is a key already, in other letter case; remove one of the two'],
    [found("table: {'': eu}, by: customer"), '1:25: "" is nothing that a request could say; remove it'],
    [found(`table: {"a\\nb": eu}, by: customer`), '1:25: "a\\nb" is nothing that a request could say; remove it'],
    [
      found(`table: {${"x".repeat(257)}: eu}, by: customer`),
      '1:25: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…" is longer than 256 bytes, and so never looked up; remove it',
    ],
    [found(`table: {__proto__: eu}, by: customer`), '1:25: "__proto__" is nothing that a request could say; remove it'],
    [found(`table: {a: eu, a: us}`), '1:32: duplicate key "a"; it stands at 1:25 already'],
    [found("table: {}, by: region"), '1:32: by "region" is nothing to look up; write host, customer or header:NAME'],
    [
      found("table: {}, by: 'header:x-target-cluster'"),
      '1:32: by "x-target-cluster" is stripped from every request, as no client\'s to say; name another header',
    ],
    [found("table: {}, by: 'header:x y'"), '1:32: by "x y" is not a header name; write one such as x-env'],
    [
      found("url: 'http://h/{header:x-shard-a}'"),
      '1:22: url "x-shard-a" is stripped from every request, as no client\'s to say; name another header',
    ],
    [
      found("url: 'http://h/{host}', timeout: 401ms"),
      "1:50: timeout is 401ms, and riffle answers within 400ms (80 % of envoy.message_timeout); shorten it",
    ],
    [found("url: 'http://h/{host}', timeout: 0s"), '1:50: timeout "0s" is out of range; write 1ms or more, and less than 24 days'],
    [found("url: 'http://h/{host}', max_entries: 0"), "1:54: max_entries must be at least 1, but is 0"],
    [found("url: 'http://h/{host}', max_entries: 10000001"), "1:54: max_entries is too large, being 10000001"],
    [found("url: 'http://h/{host}', field: a..b"), '1:48: field "a..b" is not a field; write region, or data.region'],
    [found("url: 'http://h/{host}', ttl: 5"), "1:46: ttl must be text, but is a number; put it in quotes"],
    [
      `envoy: {message_timeout: 100ms}\n${found("url: 'http://h/{host}'")}`,
      "2:16: timeout is 200ms, and riffle answers within 80ms (80 % of envoy.message_timeout); shorten it",
    ],
    [found("url: 'http://h/{host}', tll: 5s"), '1:41: unknown key "tll"; did you mean "ttl"?'],
    ["discovery: {D: {table: {}}}", '1:13: "D" is not a discovery\'s name; write 1 to 63 of a-z 0-9 _ -, the first a letter or digit'],
    ["discovery: []", "1:12: discovery must be a mapping, but is a list"],
    [regional("allowed: [eu], header: 'x y'"), '3:74: header "x y" is not a header name; write one such as x-customer-id'],
    [regional("allowed: []"), "3:60: allowed must list at least one"],
    [regional("header: x-a"), "3:28: allowed is missing"],
    [regional("allowed: ['a b']"), '3:61: allowed[0] "a b" is not a region; write 1 to 256 visible ASCII characters without , ; "'],
    [regional("allowed: [eu], fallback: us"), '3:76: fallback "us" is not among allowed; known: "eu"'],
    [regional("allowed: [eu], fallbak: eu"), '3:66: unknown key "fallbak"; did you mean "fallback"?'],
    [regional("allowed: [eu, us], fallback: eus"), '3:80: fallback "eus" is not among allowed; did you mean "eu"?'],
    [regional("allowed: [eu], header: x-customer-id"), '3:74: header "x-customer-id" says whose request it is; name another header'],
    [
      regional("allowed: [eu], header: x-riffle-a"),
      '3:74: header "x-riffle-a" is reserved, as is all that starts with x-riffle-; name another header',
    ],
    [
      regional("allowed: [eu]", "target: {header: region}"),
      '3:61: allowed[0] "eu" is where requests go, and no such cluster exists; known: "t1"',
    ],
    [
      regional("allowed: [eu], header: X-Home", "target: {header: x-home}"),
      '3:61: allowed[0] "eu" is where requests go, and no such cluster exists; known: "t1"',
    ],
    [routes("region: {discovery: x, allowed: [eu]}, target: {pool: p}"), '2:48: discovery "x" does not exist; none is defined'],
    [
      regional("allowed: [t1]", "target: {header: region}, request: {set: {Region: t1}}"),
      '3:109: header "Region" is written by riffle itself; change another one',
    ],
    [
      regional("allowed: [t1]", "target: {header: region}, request: {remove: [region]}"),
      '3:112: header "region" is written by riffle itself; change another one',
    ],
    [
      regional("allowed: [t1], header: x-home", "target: {header: x-to}, request: {set: {x-to: 'a-{region}'}}"),
      '3:129: x-to "a-t1" does not exist; did you mean "t1"?',
    ],
    [
      regional("allowed: [t1]", "target: {header: region, allowed: [t1]}"),
      '3:84: header "region" is set by the route itself; leave allowed out, or name a header that clients send',
    ],
    [
      `customer: {from: [{header: x-home}]}\n${regional("allowed: [eu], header: x-home")}`,
      '1:28: header "x-home" is stripped from every request, as no client\'s to say; name another header',
    ],
    [
      regional("allowed: [eu], header: x-home", "target: {pool: p}, request: {set: {X-Home: eu}}"),
      '3:118: header "X-Home" is written by riffle itself; change another one',
    ],
  ])("%.200s", (text, line) => expect(problemsOf(text)).toEqual([line]));
});

describe("what a pool picks by, likewise", () => {
  test.each<[string, string]>([
    [
      pool("shard: {pick: 'affinity:variable:'}"),
      '1:47: pick "" is not a variable\'s name; write affinity:variable:NAME, such as affinity:variable:id',
    ],
    [
      pool("shard: {pick: 'affinity:variable:a-b'}"),
      '1:47: pick "a-b" is not a variable\'s name; write affinity:variable:NAME, such as affinity:variable:id',
    ],
    [
      pool("shard: {pick: 'affinity:variable:id'}"),
      '1:47: pick: no template of a route to this pool has a variable "id"; write {id} in one',
    ],
    [
      `pools: {p: {targets: [{id: a}], shard: {pick: "affinity:variable:id"}}, q: {targets: [{id: a}]}}\nvirtual_hosts: [{routes: [{match: {template: "/{id}"}, target: {pool: q}}, {target: {pool: p}}]}]`,
      '1:47: pick: no template of a route to this pool has a variable "id"; write {id} in one',
    ],
  ])("%.200s", (text, line) => expect(problemsOf(text)).toEqual([line]));
});

describe("a route with several mistakes has all of them told at once", () => {
  test.each<[string, readonly string[]]>([
    [
      match("template: '/{host}/{path}'"),
      [
        "2:65: template: {host} is a variable everywhere; name it otherwise",
        "2:65: template: {path} is a variable everywhere; name it otherwise",
      ],
    ],
    [
      target("redirect: {path: '//{id}?a'}"),
      [
        '2:54: path "//{id}?a" reaches into the query, which a redirect keeps or strips; end it before ? and #',
        '2:54: path: there is no variable "id"; known: "customer", "host", "path", "route", "version"',
      ],
    ],
    [
      routes("target: {header: x-to}, request: {add: {x-to: t1}}"),
      [
        '2:45: header "x-to" is set by nobody; add region or request: {set} to the route, or list the clusters that clients may name as allowed',
        '2:68: header "x-to" is written by riffle itself; change another one',
      ],
    ],
    [
      routes("target: {header: x-to}, request: {set: {x-to: t1}, remove: [x-to]}"),
      [
        '2:88: header "x-to" is set as well, which replaces what was there; remove one of the two',
        '2:88: header "x-to" is written by riffle itself; change another one',
      ],
    ],
    [
      changing("response: {add: {x-a: [a, '{id} {jd}']}}"),
      [
        '2:73: x-a[1]: there is no variable "id"; known: "customer", "host", "path", "pool", "route", "target", "version"',
        '2:73: x-a[1]: there is no variable "jd"; known: "customer", "host", "path", "pool", "route", "target", "version"',
      ],
    ],
    [found("table: {}, ttl: 5s, field: a"), ["1:33: ttl goes with url or from; remove it", "1:44: field goes with url; remove it"]],
  ])("%.200s", (text, lines) => expect(problemsOf(text)).toEqual(lines));
});

describe("YAML that is not the plain kind is refused with its place", () => {
  test.each([
    ["a: 1\n---\nb: 2", "2:1: a second document begins here; one file holds one document"],
    ["pools:\n\tp: {}", "2:1: a tab cannot indent; use spaces"],
    ["listen: {}\nlisten: {}", '2:1: duplicate key "listen"; it stands at 1:1 already'],
    ["clusters: {1: []}", '1:12: a key must be text; write "1"'],
    ["clusters: {null: []}", '1:12: a key must be text; write "null"'],
    ["clusters: {? [a] : []}", "1:14: a key must be text"],
    ["clusters: {a: !!set []}", "1:15: tags (!…) have no meaning here; remove it"],
    ["clusters: {a: *b}", "1:15: *b names nothing that ended before it; write it out"],
    ["clusters: {a: &b [*b]}", "1:19: *b names nothing that ended before it; write it out"],
    ["clusters: {a: &b [], c: &b [*b]}", "1:29: *b names nothing that ended before it; write it out"],
    ["[".repeat(100_000), expect.stringMatching(/^1:\d+: nested too deeply to be read$/)],
    ["listen: 'a", "1:11: cannot be read as YAML: Missing closing 'quote"],
  ])("%.60s", (text, line) => expect(problemsOf(text)).toEqual([line]));

  test("deep nesting ends where no key of the document can be", () => {
    expect(problemsOf(`listen: ${"[".repeat(70)}${"]".repeat(70)}`)).toEqual([
      "1:9: listen must be a mapping, but is a list",
      "1:72: nested more than 64 deep",
    ]);
  });

  test("a version directive changes nothing: yes is text", () => {
    expect(problemsOf("%YAML 1.1\n---\nenvoy: {when_down: yes}")).toEqual(['3:20: when_down cannot be "yes"; known: "refuse"']);
  });

  test("aliases of aliases fill no memory", () => {
    const copies = (of: number): string => Array.from({ length: 9 }, () => `*a${of}`).join(", ");
    const lines = Array.from({ length: 30 }, (_, i) => `a${i}: &a${i} [${i === 0 ? "x" : copies(i - 1)}]`);
    expect(problemsOf(lines.join("\n")).filter((line) => !line.includes("unknown key"))).toEqual([
      expect.stringMatching(/: aliases stand for more than 100000 values; write them out$/),
    ]);
  });
});

test.each([
  "store: {redis: 'redis://me:CANARY@'}",
  "store: {redis: 'redis://me:CA/CANARY@a'}",
  "store: {redis: 'redis://me:CANARY@a:0'}",
  "store: {redis: 'redis://CANARY@a'}",
  "store: {redis: 'me:CANARY@a'}",
  "store: 'redis://:CANARY@a'",
  "store: {'redis://:CANARY@a': 1}",
  "store: {'redis://:CANARY@a': 1, 'redis://:CANARY@a': 1}",
  "store: {? redis://:CANARY@a}",
  "store: {redis: ['redis://:CANARY@a']}",
  "store: {redes: 'redis://:CANARY@a'}",
  "listen: {grpc: 'redis://:CANARY@a'}",
  `listen: {grpc: 'redis://${"x".repeat(100)}CANARY@a'}`,
  "discovery: {d: {url: 'http://me:CANARY@a/'}}",
  "discovery: {d: {from: 'redis://:CANARY@a'}}",
])("what has gone wrong around a password does not show it: %s", (text) => {
  const problems = problemsOf(text);
  expect(problems).not.toEqual([]);
  expect(problems.join("\n")).not.toContain("CANARY");
});

describe("a file", () => {
  test("has all its problems reported at once, in its order", () => {
    const text = [
      "virtual_hosts:",
      "  - routes:",
      "      - target: {pool: backend}",
      "        on_eror: deny",
      "pools:",
      "  backends:",
      "    targets: [{id: b0, address: nope}, {id: b0}]",
      '    shard: {size: 0, salt: "${NOPE}"}',
      "  backends: {}",
      "listen: {}",
    ];
    expect(problemsOf(text.join("\n"))).toEqual([
      '3:24: pool "backend" does not exist; did you mean "backends"?',
      '4:9: unknown key "on_eror"; did you mean "on_error"?',
      '7:33: address "nope" is not an address; write host:port or [IPv6]:port',
      '7:45: id "b0" is a target of this pool already; ids are distinct',
      '8:19: size 0 is not a shard size; write 1 or more targets, or "0.01%" to "100%" of the pool',
      "8:28: salt: the environment variable NOPE is not set; set it, or write $${ for a plain ${",
      '9:3: duplicate key "backends"; it stands at 6:3 already',
    ]);
  });

  test.each(["", "\n", "# nothing yet\n", "---\n", "{}", "\ufeff", "null"])("%j is valid", (text) => {
    expect(parseRulesText(text, origin)).toMatchObject({ warnings: [] });
  });

  test("may use variables and anchors", () => {
    const text = 'clusters: {a: &a ["127.0.0.1:${PORT}"], b: *a}\npools: {p: {targets: [{id: x}], shard: {salt: "${SALT}"}}}';
    const parsed = parseRulesText(text, origin);
    if ("problems" in parsed) throw new Error(parsed.problems.join("\n"));
    const address = { kind: "tcp", host: "127.0.0.1", port: 7001 };
    expect([...parsed.rules.clusters]).toEqual([
      ["a", [address]],
      ["b", [address]],
    ]);
    expect(parsed.rules.pools.get("p")?.shard.salt).toBe("hush");
  });

  test("has a mistake behind an alias reported where it is written, once", () => {
    expect(problemsOf("pools:\n  p: &p {targets: [{id: a;b}]}\n  q: *p\n  r: *p")).toEqual([
      '2:25: id "a;b" is not a target id; write 1 to 256 visible ASCII characters without , ; "',
    ]);
  });

  test("has its warnings as lines, at the parent where a key is missing", () => {
    const targets = Array.from({ length: 8 }, (_, i) => `{id: t${i}}`).join(", ");
    expect(parseRulesText(`pools:\n  p:\n    shard: {size: 3}\n    targets: [${targets}]`, origin)).toMatchObject({
      warnings: [
        "riffle.yaml:3:5: pool p: without a salt anybody can compute who shares targets; set a secret one",
        "riffle.yaml:3:19: pool p: a shard is 3 of 8 targets, more than a quarter, and customers share many; choose a smaller size or add targets",
      ],
    });
  });

  test("may list ten thousand targets", () => {
    const targets = Array.from({ length: 10_000 }, (_, i) => `      - { id: t${i}, zone: z${i % 3}, address: "10.0.0.1:${i + 1}" }`);
    const parsed = parseRulesText(["pools:", "  p:", "    targets:", ...targets].join("\n"), origin);
    expect("rules" in parsed && parsed.rules.pools.get("p")?.targets.length).toBe(10_000);
  });

  test("that is something else altogether is not told line by line for ever", () => {
    const problems = problemsOf(Array.from({ length: 5_000 }, (_, i) => `key${i}: 1`).join("\n"));
    expect(problems).toHaveLength(1_001);
    expect(problems.at(-1)).toBe(" and 4000 more");
  });

  test("never makes the parser throw, whatever it holds", () => {
    const words = fc.constantFrom(
      ...[
        "listen",
        "grpc",
        "envoy",
        "when_down",
        "fallback",
        "clusters",
        "customer",
        "from",
        "header",
        "pools",
        "targets",
        "id",
        "shard",
        "size",
      ],
      ...[
        "virtual_hosts",
        "hosts",
        "routes",
        "target",
        "pool",
        "defaults",
        "__proto__",
        ...[
          "match",
          "template",
          "path",
          "regex",
          "percent",
          "cluster",
          "split",
          "weight",
          "allowed",
          "redirect",
          "direct_response",
          "status",
        ],
        ...["request", "response", "set", "add", "remove", "region", "discovery", "table", "url", "by", "/{id}", "{id}", "{path}", "200"],
        ": ",
        "\n",
        "\n  ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "\t",
      ],
      ...["&a", "*a", "!!x", "? ", "| ", "'", '"', "1e400", "null", "${A}", "${", "#", "%", "---\n", "\0", "\ud800", "é"],
    );
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(words, { maxLength: 40 }).map((all) => all.join("")),
      fc.json(),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = parseRulesText(text, origin);
        for (const line of "problems" in parsed ? parsed.problems : parsed.warnings)
          expect(line).toMatch(/^riffle\.yaml:[1-9]\d*:[1-9]\d*: [^\n\r]+$/);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("on disk", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "riffle-rules-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function read(content: string | Uint8Array) {
    const path = join(folder, "riffle.yaml");
    await writeFile(path, content);
    return { path, parsed: await readRules(path, {}) };
  }

  test("relative paths start at the file's folder", async () => {
    const { parsed } = await read("listen: {grpc: unix:r.sock}");
    expect(parsed).toMatchObject({
      rules: { listen: { grpc: [{ address: { kind: "unix", path: join(folder, "r.sock") } }] } },
      warnings: [],
    });
  });

  test("problems name the file as it was asked for", async () => {
    const { path, parsed } = await read("nope: 1");
    expect(parsed).toMatchObject({ problems: [expect.stringContaining(`${path}:1:1: unknown key "nope"`)] });
  });

  test("a byte order mark is no content", async () => {
    expect((await read("\ufeffnope: 1")).parsed).toMatchObject({ problems: [expect.stringContaining(":1:1: unknown key")] });
  });

  test.each([
    ["not UTF-8", Uint8Array.of(0x61, 0xff), "is not valid UTF-8; save it as UTF-8"],
    ["UTF-16", Uint8Array.of(0xff, 0xfe, 0x61, 0), "is not valid UTF-8; save it as UTF-8"],
    ["over 4 MiB", new Uint8Array(4 * 1024 * 1024 + 1).fill(0x23), "is larger than 4 MiB; is it the right file?"],
  ])("a file that is %s is one line", async (_, content, message) => {
    const { path, parsed } = await read(content);
    expect(parsed).toEqual({ problems: [`${path}: ${message}`] });
  });

  test("a file of just 4 MiB is read", async () => {
    expect((await read(new Uint8Array(4 * 1024 * 1024).fill(0x23))).parsed).toHaveProperty("rules");
  });

  test("a file that is not there, or is a folder, is one line with the remedy", async () => {
    const missing = join(folder, "nope.yaml");
    expect(await readRules(missing, {})).toEqual({
      problems: [`${missing}: there is no such file; write one, or name another with --config`],
    });
    expect(await readRules(folder, {})).toEqual({ problems: [`${folder}: is a folder; name the file in it`] });
    expect(await readRules("a\0b", {})).toMatchObject({ problems: [expect.stringContaining("cannot be read")] });
  });
});
