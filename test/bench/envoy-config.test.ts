import { expect, test } from "vitest";
import { envoyConfig } from "../../bench/envoy-config.ts";
import { TARGETS } from "../../bench/rows.ts";
import { riffleYaml } from "../../bench/servers.ts";
import { generateEnvoy } from "../../src/core/envoy/bootstrap.ts";
import { refusal } from "../support/envoy.ts";
import { rulesOf } from "../support/rules.ts";

const ports = TARGETS.map((_, place) => 7001 + place);
const generated = generateEnvoy(rulesOf(JSON.parse(riffleYaml(ports, {}))), { admin: { kind: "tcp", host: "127.0.0.1", port: 0 } });

test.each(["nobody", "lua", "ext_proc"] as const)("a real Envoy accepts the configuration where %s decides", async (deciding) => {
  expect(await refusal(envoyConfig(generated, deciding))).toBeUndefined();
});

test("without a decision there is neither a filter that makes one nor a route that waits for one", () => {
  const config = envoyConfig(generated, "nobody");
  expect(filtersOf(config)).toEqual(["envoy.filters.http.router"]);
  expect(config).not.toContain("cluster_header");
});

test("Lua stands in the place of ext_proc, before the same routes", () => {
  const config = envoyConfig(generated, "lua");
  expect(filtersOf(config)).toEqual(["envoy.filters.http.lua", "envoy.filters.http.router"]);
  expect(config).toContain("cluster_header");
});

const filtersOf = (config: string): readonly unknown[] =>
  [...config.matchAll(/"name": "(envoy\.filters\.http\.[^"]+)"/g)].map(([, name]) => name);

test("another configuration than the generated one is refused", () => {
  expect(() => envoyConfig(generated.replaceAll("envoy.filters.http.ext_proc", "other"), "lua")).toThrow("not the Envoy configuration");
});
