import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** How a discovery service behaves. `disallowed` names a region that no route allows; `hanging` accepts and never answers. */
export const DISCOVERY_MODES = [
  "fast",
  "slow",
  "failing",
  "moody", // fails every other call
  "not_found",
  "no_json",
  "no_object",
  "wrong_type",
  "injection", // a region that would begin a second header
  "huge",
  "redirect",
  "cut", // closes the connection in the middle of the answer
  "disallowed",
  "hanging",
] as const;
export type DiscoveryMode = (typeof DISCOVERY_MODES)[number];

/** A small HTTP service that knows regions: GET /lookup?host=KEY → {"region": "…"}, 404 for a key it does not know. */
export interface DiscoveryServer {
  mode: DiscoveryMode; // from now on
  slowMs: number; // how late `slow` answers
  readonly regions: Map<string, string>; // by key
  readonly port: number;
  readonly url: string; // to write into riffle.yaml, but for the key: http://127.0.0.1:PORT/lookup?host=
  readonly calls: readonly string[]; // the keys asked for, in order; the last hundred thousand
  /** Refuses connections, and cuts those it has … */
  close(): Promise<void>;
  /** … and takes them again, at the same port. */
  open(): Promise<void>;
}

const MAX_CALLS = 100_000;
const SLOW_MS = 1_000;

/** Starts one on a loopback port, in mode `fast`. */
export async function startDiscovery(regions: Iterable<readonly [string, string]>, port = 0): Promise<DiscoveryServer> {
  const known = new Map(regions);
  const calls: string[] = [];
  const server = createServer((request, response) => {
    const key = new URL(request.url ?? "/", "http://discovery").searchParams.get("host") ?? "";
    if (calls.push(key) > MAX_CALLS) calls.shift();
    ANSWERS[discovery.mode](response, known.get(key), discovery);
  });
  const listen = (at: number): Promise<void> =>
    new Promise((resolve, reject) => server.once("error", reject).listen(at, "127.0.0.1", () => resolve(void server.off("error", reject))));
  await listen(port);
  const at = (server.address() as AddressInfo).port;
  const discovery: DiscoveryServer = {
    mode: "fast",
    slowMs: SLOW_MS,
    regions: known,
    port: at,
    url: `http://127.0.0.1:${at}/lookup?host=`,
    calls,
    close: () => close(server),
    open: async () => void (server.listening || (await listen(at))),
  };
  return discovery;
}

type Answer = (response: ServerResponse, region: string | undefined, discovery: DiscoveryServer) => void;

const json = (response: ServerResponse, value: unknown, status = 200): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
};

const fast: Answer = (response, region) =>
  region === undefined ? json(response, { error: "unknown host" }, 404) : json(response, { region });
const failing: Answer = (response) => json(response, { region: "us-east" }, 500);

const ANSWERS: Readonly<Record<DiscoveryMode, Answer>> = {
  fast,
  slow: (response, region, discovery) => void setTimeout(() => fast(response, region, discovery), discovery.slowMs),
  failing,
  moody: (response, region, discovery) => (discovery.calls.length % 2 === 1 ? failing : fast)(response, region, discovery),
  not_found: (response) => json(response, {}, 404),
  no_json: (response) => void response.end("<html>us-east</html>"),
  no_object: (response) => json(response, ["us-east"]),
  wrong_type: (response) => json(response, { region: ["us-east"] }),
  injection: (response) => json(response, { region: "us-east\r\nx-injected: yes" }),
  huge: (response) => json(response, { region: "us-east", padding: "x".repeat(1024 * 1024) }),
  redirect: (response) => void response.writeHead(302, { location: "/lookup?host=elsewhere" }).end(),
  cut: (response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
    response.write('{"region": "us', () => response.destroy());
  },
  disallowed: (response) => json(response, { region: "mars-north" }),
  hanging: () => undefined,
};

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve())); // a second time it is closed already
}
