import { describe, expect, test } from "vitest";
import { type EnvoyFlags, printEnvoy } from "../../src/cli/envoy.ts";
import { generateEnvoy } from "../../src/core/envoy/bootstrap.ts";
import type { EnvoyOptions } from "../../src/core/envoy/options.ts";
import type { ListenerRules } from "../../src/core/rules.ts";
import { sampleRules, tcp } from "../core/envoy/sample.ts";

describe("the flags of riffle envoy", () => {
  test.each<[EnvoyFlags, EnvoyOptions]>([
    [{}, {}],
    [{ riffle: [] }, {}],
    [{ part: "cluster" }, { part: "cluster" }],
    [{ envoy: "1.37" }, { envoyVersion: "1.37" }],
    [{ admin: "[::1]:9900" }, { admin: tcp("::1", 9900) }],
    [{ riffle: ["a.internal:1", "unix:/run/r.sock"] }, { riffle: [tcp("a.internal", 1), { kind: "unix", path: "/run/r.sock" }] }],
    [{ riffle: ["unix:r.sock"] }, { riffle: [{ kind: "unix", path: `${process.cwd()}/r.sock` }] }],
  ])("%j mean %j", (flags, options) => {
    expect(printEnvoy(sampleRules(), flags)).toBe(generateEnvoy(sampleRules(), options));
  });

  describe("--riffle: an address is reached by TLS", () => {
    const tls = { cert: "/c", key: "/k", clientCa: undefined };
    const plain = { address: tcp("127.0.0.1", 9001), tls: undefined };
    const secured = { address: tcp("0.0.0.0", 9443), tls };
    const socket = { address: { kind: "unix", path: "/run/r.sock" }, tls: undefined } as const;
    const rules = (...grpc: readonly ListenerRules[]) =>
      sampleRules({
        listen: { grpc, transport: "own", maxConnectionAgeMs: undefined, admin: undefined },
        envoy: { ...sampleRules().envoy, tls: { ca: "/ca", own: undefined } },
      });

    test.each<[string, readonly ListenerRules[], string[], boolean]>([
      ["as the listener at its port is", [plain, secured], ["a.internal:9443"], true],
      ["as the listener at its port is not", [secured, plain], ["a.internal:9001"], false],
      ["as the first listener on TCP, where none has its port", [socket, secured, plain], ["a.internal:443"], true],
      ["never, where it is a socket", [secured], ["unix:/run/r.sock"], false],
      ["with none given, as the first listener is", [secured, plain], [], true],
      ["with none given, as the first listener is not", [socket, secured], [], false],
    ])("%s", (_, grpc, riffle, expected) => {
      expect(printEnvoy(rules(...grpc), { riffle }).includes("UpstreamTlsContext")).toBe(expected);
    });

    test("and all of them, or none", () => {
      expect(() => printEnvoy(rules(plain, secured), { riffle: ["a:9001", "a:9443"] })).toThrow(/^--riffle: .*others/);
    });
  });

  test.each<[EnvoyFlags, string]>([
    [{ part: "listener" }, '--part "listener": not known; write one of filter, cluster, routes'],
    [{ envoy: "1.41" }, '--envoy "1.41": not known; write one of 1.36, 1.37, 1.38, 1.39, 1.40'],
    [{ riffle: ["9001"] }, '--riffle "9001" is not an address'],
    [{ riffle: ["unix:"] }, '--riffle "unix:" names no socket'],
    [{ riffle: ["localhost:0"] }, '--riffle "localhost:0" has no such port'],
    [{ admin: "9901" }, '--admin "9901" is not an address'],
    [{ admin: "localhost:9901" }, '--admin "localhost:9901" is no IP address'],
  ])("%j is refused in one line with the remedy", (flags, message) => {
    expect(() => printEnvoy(sampleRules(), flags)).toThrow(
      expect.objectContaining({ name: "UserError", message: expect.stringContaining(message) }),
    );
    expect(() => printEnvoy(sampleRules(), flags)).not.toThrow(/\n/);
  });
});
