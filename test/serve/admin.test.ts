import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openAdmin } from "../../src/cli/admin.ts";
import { adminPages, type Reloaded, type Standing } from "../../src/serve/admin.ts";
import { ADMIN_LIMITS, createAdminServer } from "../../src/serve/admin-server.ts";

const reloaded: Reloaded = {
  outcome: "applied",
  trigger: "POST /reload",
  version: "00000000000000aa",
  atMs: 0,
  tookMs: 12.3,
  problems: [],
  warnings: [],
};
let standing: Standing;
let outcome: Reloaded;
let reloads: number;
const broken: unknown[] = [];
const options = {
  standing: () => standing,
  reload: async () => {
    reloads++;
    return outcome;
  },
  report: (cause: unknown) => void broken.push(cause),
};
const server = createAdminServer({ pages: adminPages(options), isSocketFile: false, report: options.report });
let port: number;

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  standing = { phase: "serving", version: "00000000000000aa", sinceMs: 0, reloaded: undefined };
  outcome = reloaded;
  reloads = 0;
  broken.length = 0;
});

/** All that comes back for these bytes until the server ends the connection. */
async function sendRaw(text: string, at: { port: number } | { path: string } = { port }): Promise<string> {
  const socket = connect(at);
  let received = "";
  socket.setEncoding("latin1").on("data", (data) => {
    received += data;
  });
  socket.on("error", () => undefined); // reset while we still wrote
  socket.write(text, "latin1");
  await once(socket, "close");
  return received;
}
const head = (line: string, ...headers: readonly string[]): string =>
  [`${line} HTTP/1.1`, "host: 127.0.0.1", "connection: close", ...headers, "", ""].join("\r\n");
const statusOf = (response: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(response)?.[1]);
const ask = (path: string, init?: RequestInit): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`, init);

describe("the admin listener", () => {
  test("says ok at /live, to HEAD without a body", async () => {
    const response = await ask("/live");
    expect([response.status, await response.text()]).toEqual([200, "ok\n"]);
    const asked = await sendRaw(head("HEAD /live"));
    expect(statusOf(asked)).toBe(200);
    expect(asked.endsWith("\r\n\r\n")).toBe(true);
  });

  test.each([
    ["starting", 503],
    ["serving", 200],
    ["draining", 503],
  ] as const)("is, while %s, ready with %i", async (phase, status) => {
    standing = { ...standing, phase };
    const response = await ask("/ready?verbose");
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({
      ready: status === 200,
      phase,
      version: "00000000000000aa",
      since: "1970-01-01T00:00:00.000Z",
      reload: null,
    });
  });

  test("is ready after a reload that failed, and tells why it did", async () => {
    standing = { ...standing, reloaded: { ...reloaded, outcome: "failed", problems: ["f:1:1: wrong"] } };
    const response = await ask("/ready");
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ ready: true, reload: { ok: false, outcome: "failed", problems: ["f:1:1: wrong"] } });
  });

  test.each([
    ["applied", 200],
    ["unchanged", 200],
    ["failed", 422],
  ] as const)("answers POST /reload, when it is %s, with %i", async (result, status) => {
    outcome = { ...reloaded, outcome: result };
    const response = await ask("/reload", { method: "POST" });
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({
      ok: status === 200,
      outcome: result,
      trigger: "POST /reload",
      version: "00000000000000aa",
      problems: [],
      warnings: [],
      at: "1970-01-01T00:00:00.000Z",
      took_ms: 12,
    });
    expect(reloads).toBe(1);
  });

  test("may be used again on the same connection", async () => {
    const twice = head("POST /reload", "content-type: application/json", "content-length: 2").replace("connection: close\r\n", "");
    const response = await sendRaw(`${twice}{}${head("GET /live")}`);
    expect(response.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
  });

  test.each([
    ["a path that is none", head("GET /nope"), 404],
    ["a path of another host", head("GET http://evil.example/ready"), 404],
    ["a path that is a JavaScript object's", head("GET /constructor"), 404],
    ["a read of /reload", head("GET /reload"), 405],
    ["HEAD of /reload", head("HEAD /reload"), 405],
    ["PUT of /reload", head("PUT /reload"), 405],
    ["OPTIONS, before another origin's request", head("OPTIONS /reload"), 405],
    ["a write to /ready", head("POST /ready"), 405],
    ["a name that was rebound", "POST /reload HTTP/1.1\r\nhost: evil.example\r\n\r\n", 421],
    ["a name that was rebound, to read", "GET /ready HTTP/1.1\r\nhost: evil.example:9002\r\n\r\n", 421],
    ["two names", "POST /reload HTTP/1.1\r\nhost: evil.example\r\nhost: 127.0.0.1\r\n\r\n", 421],
    ["no name at all", "GET /ready HTTP/1.1\r\nconnection: close\r\n\r\n", 400],
    ["no name, as HTTP/1.0 allows", "GET /ready HTTP/1.0\r\n\r\n", 421],
    ["another origin", head("POST /reload", "origin: http://evil.example"), 403],
    ["another origin, to read", head("GET /ready", "origin: http://evil.example"), 403],
    ["another site", head("GET /ready", "sec-fetch-site: cross-site"), 403],
    ["a form", head("POST /reload", "content-type: text/plain", "content-length: 0"), 415],
    ["huge headers", head("GET /ready", `x-large: ${"x".repeat(ADMIN_LIMITS.headerBytes)}`), 431],
    ["many headers", head("GET /ready", ...Array.from({ length: 5_000 }, (_, index) => `x-${index}: y`)), 431],
    ["a huge body", `${head("POST /reload", `content-length: ${2 ** 30}`)}${"x".repeat(ADMIN_LIMITS.bodyBytes + 1)}`, 413],
    ["a length and chunks", head("POST /reload", "content-length: 5", "transfer-encoding: chunked"), 400],
    ["what is no HTTP", "\x16\x03\x01\r\n\r\n", 400],
  ])("refuses %s, and reloads nothing", async (_, request, status) => {
    expect(statusOf(await sendRaw(request))).toBe(status);
    expect(reloads).toBe(0);
    expect(broken).toEqual([]);
  });

  test("says with 405 what is allowed, and with all answers that nobody may keep or guess them", async () => {
    const refused = await ask("/reload");
    expect([refused.status, refused.headers.get("allow")]).toEqual([405, "POST"]);
    expect((await ask("/live", { method: "DELETE" })).headers.get("allow")).toBe("GET, HEAD");
    for (const path of ["/live", "/ready", "/reload", "/nope"]) {
      const { headers } = await ask(path);
      expect([headers.get("cache-control"), headers.get("x-content-type-options"), headers.get("access-control-allow-origin")]).toEqual([
        "no-store",
        "nosniff",
        null,
      ]);
    }
  });

  test("answers 500 to what breaks, and reports it", async () => {
    standing = null as unknown as Standing;
    const response = await ask("/ready");
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ error: "internal error, please report it" });
    expect(broken).toHaveLength(1);
  });

  test("ends connections whose request does not come, and hears others meanwhile", async () => {
    const slow = sendRaw("GET /ready HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: ");
    const slower = sendRaw(`${head("POST /reload", "content-length: 10")}x`);
    expect((await ask("/live")).status).toBe(200);
    expect(statusOf(await slow)).toBe(408);
    expect([408, NaN]).toContain(statusOf(await slower)); // once its headers are there, Node may end it without a word
    expect(reloads).toBe(0);
  });

  test("lets no more than a hundred in at a time", async () => {
    const sockets = Array.from({ length: ADMIN_LIMITS.connections + 20 }, () => connect({ port }).on("error", () => undefined));
    let dropped = 0;
    for (const socket of sockets) socket.resume().once("close", () => dropped++);
    await expect.poll(() => dropped, { timeout: 4_000 }).toBeGreaterThanOrEqual(20);
    for (const socket of sockets) socket.destroy();
    await expect.poll(async () => (await ask("/live").catch(() => undefined))?.status, { timeout: 10_000 }).toBe(200);
  });
});

test("on a socket file any Host is heard, and closing removes the file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "riffle-admin-"));
  const path = join(folder, "admin.sock");
  const admin = await openAdmin({ kind: "unix", path }, options);
  expect(statusOf(await sendRaw("GET /live HTTP/1.1\r\nhost: riffle\r\nconnection: close\r\n\r\n", { path }))).toBe(200);
  await admin.close();
  await expect(rm(path)).rejects.toThrow("ENOENT");
  await rm(folder, { recursive: true });
});

test("an address that is taken is the operator's mistake, in one line", async () => {
  await expect(openAdmin({ kind: "tcp", host: "127.0.0.1", port }, options)).rejects.toThrow(
    /^listen\.admin: cannot listen on 127\.0\.0\.1:\d+: already in use/,
  );
});
