import { readFile, rename, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type DiscoveryMode, type DiscoveryServer, startDiscovery } from "../../src/cli/demo/discovery.ts";
import { until } from "../../src/cli/demo/run-envoy.ts";
import type { Client, Hit } from "../../src/cli/demo/traffic.ts";
import { askAdmin } from "../support/admin.ts";
import { type Recorder, startRecorder } from "../support/recorder.ts";
import { PATIENCE_MS, type Stage, startStage } from "../support/stage.ts";

// What docs/regions.md promises, on a real Envoy: the regions are its clusters, and the service is a real one.

const FALLBACK = "us-east";
const region = { discovery: "main", allowed: ["us-east", "eu-west"], fallback: FALLBACK };
const strict = { discovery: "main", allowed: ["us-east", "eu-west"] };
const ROUTES = {
  "/customer": { ...region, discovery: "customer" },
  "/tenant": { ...region, discovery: "tenant", header: "x-region" },
  "/fixed": { ...region, discovery: "fixed" },
  "/brief": { ...region, discovery: "brief" },
  "/patient": { ...region, discovery: "patient" },
  "/strict": strict,
  "/": region,
};

let discovery: DiscoveryServer;
let upstreams: readonly Recorder[];
let stage: Stage;
let client: Client;

beforeAll(async () => {
  discovery = await startDiscovery([]);
  upstreams = await Promise.all(region.allowed.map(startRecorder));
  const asking = (placeholder: string, more: object = {}) => ({ url: `${discovery.url}${placeholder}`, timeout: "300ms", ...more });
  const response = { set: { "Processed-By": "Regional Router" } };
  stage = await startStage({
    targets: [],
    envoy: { message_timeout: "30s" }, // a thousand requests at a time take a busy machine long
    rules: () => ({
      clusters: Object.fromEntries(upstreams.map(({ id, port }) => [id, [`127.0.0.1:${port}`]])),
      customer: { from: [{ header: "x-customer-id" }] },
      discovery: {
        main: asking("{host}"),
        customer: asking("{customer}"),
        tenant: asking("{header:x-tenant}"),
        brief: asking("{host}", { ttl: "100ms" }),
        patient: asking("{host}", { timeout: "20s" }),
        fixed: { by: "host", table: { "eu.example.com": "eu-west" } },
      },
      virtual_hosts: [
        {
          hosts: ["*"],
          routes: Object.entries(ROUTES).map(([prefix, region]) => ({
            match: { prefix },
            region,
            target: { header: "header" in region ? region.header : "region" },
            response,
          })),
        },
      ],
    }),
  });
  client = stage.client(16);
});
afterAll(async () => {
  client?.close();
  await stage?.stop();
  await Promise.all([discovery?.close(), ...(upstreams ?? []).map((upstream) => upstream.close())]);
});
afterEach(async () => {
  discovery.mode = "fast";
  await discovery.open();
});

/** A host that nobody has asked for yet; the service knows its region. */
function newHost(at = "eu-west"): string {
  const host = `h${discovery.regions.size}.example.com`;
  discovery.regions.set(host, at);
  return host;
}

const send = (host: string, path = "/", headers: Record<string, string> = {}): Promise<Hit> =>
  client.send({ path, headers: { host, ...headers } });
const served = (by: string) => ({ status: 200, servedBy: by });

/** Sends requests for some new hosts at a time, several each. */
async function sendMany(path = "/"): Promise<readonly Hit[]> {
  const hosts = Array.from({ length: 8 }, () => newHost());
  const hits: Hit[] = [];
  const shots = Array.from({ length: 64 }, (_, index) => ({ path, headers: { host: hosts[index % hosts.length] ?? "" } }));
  await client.sendAll(shots, (hit) => hits.push(hit));
  expect(hits).toHaveLength(64);
  return hits;
}

describe("while the service answers", () => {
  test.each(region.allowed)("a host of %s is served there, and the header says so", async (name) => {
    const host = newHost(name);
    expect(await send(host)).toMatchObject(served(name));
    expect(await send(host.toUpperCase())).toMatchObject(served(name));
    expect(discovery.calls.filter((key) => key === host)).toHaveLength(1);
    const last = upstreams.find(({ id }) => id === name)?.received.at(-1);
    expect(last?.region).toBe(name);
  });

  test("what the client says of its region counts for nothing", async () => {
    expect(await send(newHost("eu-west"), "/", { region: "us-east" })).toMatchObject(served("eu-west"));
    expect(await send("unknown.example.com", "/", { region: "eu-west" })).toMatchObject(served(FALLBACK));
  });

  test("a host that it does not know goes to the fallback, and without one is refused", async () => {
    expect(await send("unknown.example.com")).toMatchObject(served(FALLBACK));
    expect(await send("unknown.example.com", "/strict")).toMatchObject({ status: 503, servedBy: undefined });
  });

  test("a customer, a header and a table say it as well", async () => {
    discovery.regions.set("acme", "eu-west");
    discovery.regions.set("tenant:1", "eu-west");
    expect(await send("a.example.com", "/customer", { "x-customer-id": "acme" })).toMatchObject(served("eu-west"));
    expect(await send("a.example.com", "/tenant", { "x-tenant": "tenant:1" })).toMatchObject(served("eu-west"));
    expect(await send("a.example.com", "/tenant")).toMatchObject(served(FALLBACK));
    const before = discovery.calls.length;
    expect(await send("EU.example.com:80", "/fixed")).toMatchObject(served("eu-west"));
    expect(await send("other.example.com", "/fixed")).toMatchObject(served(FALLBACK));
    expect(discovery.calls).toHaveLength(before);
  });

  test("every response says who processed it", async () => {
    const { port } = stage.envoy;
    for (const path of Object.keys(ROUTES).filter((path) => path !== "/strict" && path !== "/customer")) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      expect(response.headers.get("processed-by"), path).toBe("Regional Router");
    }
  });
});

test("a thousand first requests at a time for one host cause one call", async () => {
  discovery.mode = "slow"; // it answers once all of them are there
  const host = newHost("eu-west");
  const crowd = stage.client(1_000);
  const hits: Hit[] = [];
  await crowd.sendAll(Array(1_000).fill({ path: "/patient", headers: { host } }), (hit) => hits.push(hit));
  crowd.close();
  expect(hits.filter(({ status, servedBy }) => status !== 200 || servedBy !== "eu-west")).toEqual([]);
  expect(discovery.calls.filter((key) => key === host)).toHaveLength(1);
});

const USELESS: readonly DiscoveryMode[] = [
  "slow",
  "hanging",
  "failing",
  "not_found",
  "no_json",
  "no_object",
  "wrong_type",
  "injection",
  "huge",
  "redirect",
  "cut",
  "disallowed",
];

describe("while the service is of no use every request is answered", () => {
  test.each(USELESS)("%s: by the fallback, or 503 where there is none", async (mode) => {
    discovery.mode = mode;
    const before = upstreams.map(({ received }) => received.length);
    for (const hit of await sendMany()) expect(hit).toMatchObject(served(FALLBACK));
    for (const hit of await sendMany("/strict")) expect(hit).toMatchObject({ status: 503, servedBy: undefined });
    const [east = [], west = []] = upstreams.map(({ received }, index) => received.slice(before[index]));
    expect(west).toEqual([]);
    expect(new Set(east.map((headers) => headers.region))).toEqual(new Set([FALLBACK]));
    expect(east.filter((headers) => "x-injected" in headers)).toEqual([]);
  });

  test("gone: the same", async () => {
    await discovery.close();
    for (const hit of await sendMany()) expect(hit).toMatchObject(served(FALLBACK));
    for (const hit of await sendMany("/strict")) expect(hit).toMatchObject({ status: 503, servedBy: undefined });
  });

  test.each<DiscoveryMode | "gone">(["slow", "failing", "no_json", "gone"])("%s: a region known before stays", async (mode) => {
    const host = newHost("eu-west");
    expect(await send(host, "/brief")).toMatchObject(served("eu-west"));
    if (mode === "gone") await discovery.close();
    else discovery.mode = mode;
    const asked = discovery.calls.length;
    const endMs = Date.now() + 500; // five times its ttl
    while (Date.now() < endMs || (mode !== "gone" && discovery.calls.length === asked))
      expect(await send(host, "/brief")).toMatchObject(served("eu-west"));
  });

  test("once it is back, a host that went to the fallback goes to its region", async () => {
    await discovery.close();
    const host = newHost("eu-west");
    expect(await send(host)).toMatchObject(served(FALLBACK));
    await discovery.open();
    await until(async () => ((await send(host)).servedBy === "eu-west" ? true : undefined), AbortSignal.timeout(PATIENCE_MS));
  });

  test("the log says so", () => {
    expect(stage.riffles[0]?.lastWords()).toContain("the discovery service fails");
  });
});

describe("a reload", () => {
  test("leaves what is known of a service whose lines stay the same", async () => {
    const host = newHost("eu-west");
    await send(host);
    const asked = discovery.calls.length;
    await reload((text) => text.replace('"ttl":"100ms"', '"ttl":"150ms"'));
    expect(await send(host)).toMatchObject(served("eu-west"));
    expect(discovery.calls).toHaveLength(asked);
  });

  test("asks the new service of a discovery from then on, and fails no request meanwhile", async () => {
    const host = newHost("eu-west");
    await send(host);
    const other = await startDiscovery([[host, "us-east"]]);
    onTestFinished(() => other.close());
    const hits: Hit[] = [];
    let isOver = false;
    function* endless() {
      while (!isOver) yield { headers: { host } };
    }
    const load = client.sendAll(endless(), (hit) => hits.push(hit));
    await reload((text) => text.replaceAll(discovery.url, other.url));
    isOver = true;
    await load;
    expect(hits.filter(({ status }) => status !== 200)).toEqual([]);
    expect(await send(host)).toMatchObject(served("us-east"));
    expect(other.calls).toEqual([host]);
  });

  async function reload(change: (text: string) => string): Promise<void> {
    const before = await readFile(stage.file, "utf8");
    const after = change(before);
    expect(after).not.toBe(before);
    await writeFile(`${stage.file}.new`, after);
    await rename(`${stage.file}.new`, stage.file); // written in place it is empty for a moment, which is a valid file
    expect(await askAdmin(stage.adminSocket, "POST", "/reload")).toMatchObject({ status: 200 });
  }
});
