import { createServer, type IncomingHttpHeaders, type OutgoingHttpHeaders, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generateEnvoy } from "../../../src/core/envoy/bootstrap.ts";
import type { EnvoyRules } from "../../../src/core/rules.ts";
import { createStripTest, stripList } from "../../../src/core/strip-list.ts";
import { type RunningEnvoy, startEnvoy } from "../../support/envoy.ts";
import { listenAt, pool, sampleRules, target, tcp } from "./sample.ts";

// What the generated configuration promises by itself: a real Envoy, real targets, and no riffle where it should be.

const NOBODY = tcp("127.0.0.1", 1);
const targets: Server[] = [];
const received: { readonly target: string; readonly url: string | undefined; readonly headers: IncomingHttpHeaders }[] = [];

beforeAll(async () => {
  for (const name of ["fallback", "chosen"]) {
    const server = createServer(({ url, headers }, response) => {
      received.push({ target: name, url, headers });
      response.end(name);
    });
    targets.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  }
});
afterAll(() => targets.forEach((server) => void server.close()));

const rules = (whenDown: EnvoyRules["whenDown"]) => {
  const [fallback = 0, chosen = 0] = targets.map((server) => (server.address() as AddressInfo).port);
  const { envoy } = sampleRules();
  return sampleRules({
    listen: listenAt(NOBODY),
    envoy: { ...envoy, listen: tcp("127.0.0.1", 0), whenDown },
    // By name: a target that listens on IPv4 alone is reached as localhost, though that is ::1 too.
    clusters: new Map([["fallback", [tcp("localhost", fallback)]]]),
    pools: new Map([["only", pool("only", [{ ...target("chosen"), address: tcp("127.0.0.1", chosen) }], "x-output")]]),
  });
};

const start = (whenDown: EnvoyRules["whenDown"]): Promise<RunningEnvoy> =>
  startEnvoy({ config: generateEnvoy(rules(whenDown), { admin: tcp("127.0.0.1", 0) }) });

interface Reply {
  readonly status: number | undefined;
  readonly body: string;
}

function get(port: number, path: string, headers: OutgoingHttpHeaders = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port, path, headers, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      response.on("end", () => resolve({ status: response.statusCode, body }));
    });
    call.once("error", reject).end();
  });
}

describe("while riffle is away, and the rules say refuse", () => {
  let envoy: RunningEnvoy;
  beforeAll(async () => {
    envoy = await start("refuse");
  });
  afterAll(() => envoy.stop());

  test.each([{}, { "x-output": "chosen" }, { "x-target-cluster": ["chosen", "fallback"] }])(
    "%j is 503 and reaches no target",
    async (headers) => {
      const before = received.length;
      expect(await get(envoy.port, "/", headers)).toEqual({ status: 503, body: "" });
      expect(received).toHaveLength(before);
    },
  );
});

describe("while riffle is away, and the rules name a fallback", () => {
  let envoy: RunningEnvoy;
  beforeAll(async () => {
    envoy = await start({ fallback: "fallback" });
  });
  afterAll(() => envoy.stop());

  test("every request is served by the fallback, whatever cluster it asks for", async () => {
    for (const headers of [{}, { "x-output": "chosen" }, { "X-Target-Cluster": "chosen" }, { "x-output": ["", "chosen"] }]) {
      expect(await get(envoy.port, "/", headers)).toEqual({ status: 200, body: "fallback" });
    }
    expect((await envoy.stats("http.ingress.ext_proc.failure_mode_allowed")).values().next().value).toBe(4);
  });

  test("nothing on the strip list reaches a target, repeated or in capitals; the rest does", async () => {
    const list = stripList(rules("refuse"));
    const names = [...list.names, ...list.prefixes.map((prefix) => `${prefix}forged`)];
    const forged = Object.fromEntries(names.flatMap((name) => [[name.toUpperCase(), ["one", "two"]]]));
    await get(envoy.port, "/", { ...forged, "x-customer-id": "acme", "x-outputs": "mine" });
    const headers = received.at(-1)?.headers ?? {};
    expect(Object.keys(headers).filter(createStripTest(list))).toEqual([]);
    expect(headers).toMatchObject({ "x-customer-id": "acme", "x-outputs": "mine" });
  });

  test("a look-alike with _ is refused", async () => {
    expect(await get(envoy.port, "/", { x_target_cluster: "chosen" })).toMatchObject({ status: 400 });
  });

  test("a target sees the path that is matched: no dot segments, no double slashes", async () => {
    await get(envoy.port, "/a/../b//c?d=/../e");
    expect(received.at(-1)?.url).toBe("/b/c?d=/../e");
  });
});
