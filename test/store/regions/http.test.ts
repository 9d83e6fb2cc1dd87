import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import type { DiscoveryMode, DiscoveryServer } from "../../../src/cli/demo/discovery.ts";
import { type Line, MAX_CONNECTIONS, openHttpLine } from "../../../src/store/regions/http.ts";
import { discoveryServer } from "../../support/discovery-server.ts";

const never = new AbortController().signal;

function lineTo(url: string, after = ""): Line {
  const line = openHttpLine({ url: { before: url, after }, field: ["region"] });
  onTestFinished(() => line.close());
  return line;
}

async function openBoth(): Promise<{ readonly server: DiscoveryServer; readonly line: Line }> {
  const server = await discoveryServer();
  return { server, line: lineTo(server.url) };
}

describe("a real service", () => {
  test.each<[DiscoveryMode, object]>([
    ["fast", { kind: "region", region: "eu-west" }],
    ["disallowed", { kind: "region", region: "mars-north" }], // the route decides what is allowed
    ["not_found", { kind: "none" }],
    ["failing", { kind: "failed", why: "status 500", mayRetry: true }],
    ["no_json", { kind: "failed", why: "the answer is no JSON object", mayRetry: false }],
    ["no_object", { kind: "failed", why: "the answer is no JSON object", mayRetry: false }],
    ["wrong_type", { kind: "failed", why: "region is no region", mayRetry: false }],
    ["injection", { kind: "failed", why: "region is no region", mayRetry: false }],
    ["huge", { kind: "failed", why: "an answer of more than 65536 bytes", mayRetry: false }],
    ["redirect", { kind: "failed", why: "status 302", mayRetry: false }],
    ["cut", { kind: "failed", mayRetry: true }],
  ])("%s", async (mode, expected) => {
    const { server, line } = await openBoth();
    server.mode = mode;
    expect(await line.ask("eu.example.com", never)).toMatchObject(expected);
    expect(server.calls).toEqual(["eu.example.com"]); // no redirect is followed, nothing is asked twice
    server.mode = "fast";
    expect(await line.ask("eu.example.com", never)).toEqual({ kind: "region", region: "eu-west" });
  });

  test("gone, and back again", async () => {
    const { server, line } = await openBoth();
    await server.close();
    expect(await line.ask("eu.example.com", never)).toEqual({
      kind: "failed",
      why: "no connection (ECONNREFUSED)",
      mayRetry: true,
      isUnheard: true,
    });
    await server.open();
    expect(await line.ask("eu.example.com", never)).toEqual({ kind: "region", region: "eu-west" });
  });

  test("hanging, a call is given up and its connection with it", async () => {
    const { server, line } = await openBoth();
    server.mode = "hanging";
    const abort = new AbortController();
    const asked = line.ask("eu.example.com", abort.signal);
    while (server.calls.length === 0) await new Promise(setImmediate);
    abort.abort();
    expect(await asked).toMatchObject({ kind: "failed" });
    server.mode = "fast";
    expect(await line.ask("eu.example.com", never)).toEqual({ kind: "region", region: "eu-west" });
  });

  test("no HTTP at all is a failure", async () => {
    const server = createServer((socket) => socket.on("error", () => undefined).end("us-east\r\n\r\n"));
    const port = await listen(server);
    expect(await lineTo(`http://127.0.0.1:${port}/`).ask("a", never)).toMatchObject({ kind: "failed", why: "the answer is no HTTP" });
  });
});

describe("what the service is asked", () => {
  /** A service that keeps the heads it was sent. */
  async function recorder(): Promise<{ readonly url: string; readonly heads: string[] }> {
    const heads: string[] = [];
    const server = createServer((socket) =>
      socket
        .on("error", () => undefined)
        .on("data", (head) => {
          heads.push(head.toString("latin1"));
          socket.write("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
        }),
    );
    return { url: `http://127.0.0.1:${await listen(server)}`, heads };
  }

  test.each([
    ["a host", "a.example", "a.example"],
    ["an IPv6 address", "[2001:db8::1]", "%5B2001%3Adb8%3A%3A1%5D"],
    ["what would end the value", "a&b=c#d?e/f", "a%26b%3Dc%23d%3Fe%2Ff"],
    ["what would end the line", "a\r\nx: y", "a%0D%0Ax%3A%20y"],
    ["what is encoded already", "a%2e", "a%252e"],
    ["bytes beyond ASCII", "\xc3\xa9\xff\x00", "%C3%A9%FF%00"],
  ])("%s is one value of the URL", async (_, key, encoded) => {
    const { url, heads } = await recorder();
    await lineTo(`${url}/lookup/`, "?v=1").ask(key, never);
    expect(heads[0]?.split("\r\n")[0]).toBe(`GET /lookup/${encoded}?v=1 HTTP/1.1`);
    expect(heads[0]).toContain("accept: application/json");
  });

  test.each([
    ["/", "", "/a"],
    ["?host=", "", "/?host=a"],
    ["/l?v=1&host=", "&w=2", "/l?v=1&host=a&w=2"],
    ["/é l?host=", "&w=ö", "/%C3%A9%20l?host=a&w=%C3%B6"],
  ])("a URL of %s and %s leads to %s", async (before, after, path) => {
    const { url, heads } = await recorder();
    await lineTo(`${url}${before}`, after).ask("a", never);
    expect(heads[0]?.split("\r\n")[0]).toBe(`GET ${path} HTTP/1.1`);
  });

  test.each([".", ".."])("%s, which would lead elsewhere in a path, is not asked", async (key) => {
    const { url, heads } = await recorder();
    expect(await lineTo(`${url}/lookup/`).ask(key, never)).toEqual({ kind: "none" });
    expect(heads).toEqual([]);
  });
});

test("no more connections than the bound are opened, however many ask", async () => {
  const server = await discoveryServer([]);
  const line = lineTo(server.url);
  server.mode = "hanging";
  const abort = new AbortController();
  const asked = Array.from({ length: MAX_CONNECTIONS + 20 }, (_, key) => line.ask(`k${key}`, abort.signal));
  while (server.calls.length < MAX_CONNECTIONS) await new Promise(setImmediate);
  for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
  expect(server.calls).toHaveLength(MAX_CONNECTIONS);
  abort.abort();
  await Promise.all(asked);
});

test("a closed line fails, and does not throw", async () => {
  const server = await discoveryServer();
  const line = openHttpLine({ url: { before: server.url, after: "" }, field: ["region"] });
  await line.close();
  expect(await line.ask("eu.example.com", never)).toMatchObject({ kind: "failed" });
});

async function listen(server: Server): Promise<number> {
  onTestFinished(() => void server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as { readonly port: number }).port;
}
