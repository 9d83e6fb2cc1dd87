import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type ClientHttp2Session, connect as connectHttp2, constants } from "node:http2";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PATIENCE_MS, startStage, targetsOf } from "../test/support/stage.ts";

// Records what a real Envoy says to riffle, byte by byte: `node scripts/record-session.ts`. See test/grpc/recordings/README.md.

const RECORDINGS = join(import.meta.dirname, "..", "test", "grpc", "recordings");
const KEEPALIVE_MS = 250;

type Modes = Readonly<Record<string, string>>;

/** The generated configuration with other phases shown, and a ping every quarter second. */
const adapt = (config: string, modes: Modes): string =>
  Object.entries(modes)
    .reduce((text, [mode, value]) => text.replace(new RegExp(`${mode}: \\w+`), `${mode}: ${value}`), config)
    .replace(/connection_keepalive: \{[^}]*\}/, `connection_keepalive: { interval: ${KEEPALIVE_MS / 1000}s, timeout: 2s }`);

/** What came on each connection, in the order in which they were made. */
type Heard = readonly (readonly Buffer[])[];

interface Proxy {
  readonly server: Server;
  readonly heard: Heard;
}

/** Stands between: passes everything on, and keeps what came from Envoy. */
async function startProxy(path: string, riffle: () => string): Promise<Proxy> {
  const heard: Buffer[][] = [];
  const server = createServer((fromEnvoy) => {
    const chunks: Buffer[] = [];
    heard.push(chunks);
    const toRiffle = connect({ path: riffle() });
    fromEnvoy.on("data", (chunk: Buffer) => chunks.push(chunk));
    fromEnvoy.pipe(toRiffle).pipe(fromEnvoy);
    for (const [socket, other] of [[fromEnvoy, toRiffle] as const, [toRiffle, fromEnvoy] as const]) {
      socket.on("error", () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen({ path }, resolve));
  return { server, heard };
}

interface Shot {
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body?: string;
  readonly trailers?: Readonly<Record<string, string>>;
  readonly abort?: true; // the client goes away before the response
}

const get = (path: string, customer: string, more = {}): Shot => ({ headers: { ":path": path, "x-customer-id": customer, ...more } });
const post = (customer: string, bytes: number, more: Partial<Shot> = {}): Shot => ({
  headers: { ":method": "POST", ":path": "/orders", "x-customer-id": customer },
  body: "b".repeat(bytes),
  ...more,
});

type Rounds = readonly (readonly Shot[])[]; // those of a round at once

/** As in production: riffle sees the headers of requests. */
const EXCHANGES: Rounds = [
  [get("/orders", "acme")],
  [get("/orders", "acme"), post("acme", 10)],
  [get("/orders", "globex"), get("/orders?page=2", "initech"), get("/orders", "acme", { "x-target-cluster": "backend_0" })],
  [{ headers: { ":path": "/orders" } }, { headers: { ":path": "/orders", "x-customer-id": ["acme", "globex"] } }],
  [get("/nowhere", "acme"), get("/orders/../nowhere", "acme")],
  Array.from({ length: 12 }, (_, i) => get(`/orders/${i}`, `customer-${i}`)),
  [get("/orders", "caf\xe9"), get("/orders", "acme", { "x-long": "v".repeat(200) })],
  Array.from({ length: 23 }, (_, i) => get("/orders", `customer-${i % 4}`)),
  [get("/orders", "acme"), get("/orders", "acme"), get("/orders", "acme")],
];

/** Every phase is shown, bodies as they come. */
const EVERY_PHASE: Modes = {
  ...{ request_body_mode: "STREAMED", request_trailer_mode: "SEND" },
  ...{ response_header_mode: "SEND", response_body_mode: "STREAMED", response_trailer_mode: "SEND" },
};
const BODIES: Rounds = [
  [get("/orders", "acme")],
  [post("acme", 0), post("acme", 1), post("globex", 300)],
  [post("acme", 200, { trailers: { "x-checksum": "0123" } }), post("initech", 100, { abort: true })],
  [post("acme", 2_000), get("/orders", "acme")],
];

function send(session: ClientHttp2Session, { headers, body, trailers, abort }: Shot): Promise<void> {
  const stream = session.request(headers, { endStream: body === undefined, waitForTrailers: trailers !== undefined });
  if (trailers !== undefined) stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  if (abort) stream.write(body, () => setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), 50));
  else if (body !== undefined) stream.end(body);
  stream.resume();
  return new Promise((resolve) => stream.on("error", () => undefined).once("close", resolve));
}

/** Lets an Envoy send these to a riffle; resolves with what came on each connection: of health checks, and of exchanges. */
async function record(folder: string, modes: Modes, rounds: Rounds): Promise<{ health: Heard; exchanges: Heard }> {
  let riffle = "";
  const path = join(folder, "proxy.sock");
  const proxy = await startProxy(path, () => riffle);
  const stage = await startStage({
    rules: (backends) => ({
      pools: { backends: { targets: targetsOf(backends) } },
      virtual_hosts: [{ routes: [{ match: { prefix: "/orders" }, target: { pool: "backends" } }] }],
    }),
    adapt: (config) =>
      adapt(config, modes).replace(/(["']?)(\/[^\s"']*0\.sock)\1/, (_, _quote, found: string) => {
        riffle = found;
        return JSON.stringify(path);
      }),
  });
  try {
    const before = proxy.heard.length;
    const session = connectHttp2(`http://127.0.0.1:${stage.envoy.port}`); // one connection: one worker, and so one towards riffle
    session.setTimeout(PATIENCE_MS, () => session.destroy(new Error("Envoy does not answer")));
    for (const shots of rounds) {
      await Promise.all(shots.map((shot) => send(session, shot)));
      if (shots.length > 2) await sleep(2 * KEEPALIVE_MS);
    }
    session.close();
    return { health: proxy.heard.slice(0, before), exchanges: proxy.heard.slice(before) };
  } finally {
    await stage.stop();
    proxy.server.close();
  }
}

/** The longest of these connections. */
async function save(name: string, connections: Heard): Promise<void> {
  const [longest = Buffer.alloc(0)] = connections.map((chunks) => Buffer.concat(chunks)).toSorted((a, b) => b.length - a.length);
  await writeFile(join(RECORDINGS, name), longest);
  process.stderr.write(`${name}: ${longest.length} bytes, the longest of ${connections.length} connections\n`);
}

const folder = await mkdtemp(join(tmpdir(), "riffle-record-"));
try {
  const { health, exchanges } = await record(folder, {}, EXCHANGES);
  await save("envoy-exchanges.bin", exchanges);
  await save("envoy-health.bin", health);
  await save("envoy-bodies.bin", (await record(folder, EVERY_PHASE, BODIES)).exchanges);
} finally {
  await rm(folder, { recursive: true, force: true });
}
