import { describe, expect, test } from "vitest";
import { type EnvoyFlags, printEnvoy } from "../../src/cli/envoy.ts";
import { generateEnvoy } from "../../src/core/envoy/bootstrap.ts";
import type { EnvoyOptions } from "../../src/core/envoy/options.ts";
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
