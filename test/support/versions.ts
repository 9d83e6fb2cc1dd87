import { rename, symlink, writeFile } from "node:fs/promises";
import { Agent, createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { askAdmin, untilReady } from "./admin.ts";
import { type Stage, startStage } from "./stage.ts";

/** How many sets of targets there are; each version has another than the one before, and version 0, which Envoy is set up for, all. */
const SETS = 4;

/** A target that says who it is, and which version the request that reached it bears. */
export interface VersionTarget {
  readonly id: string; // SET_NUMBER
  readonly port: number;
  close(): Promise<void>;
}

/** Two targets for each set. */
const startVersionTargets = (): Promise<readonly VersionTarget[]> =>
  Promise.all(Array.from({ length: SETS * 2 }, (_, index) => startTarget(`s${index % SETS}_${index}`)));

/** A real Envoy with riffle in version 0, and the targets of all versions. */
export interface VersionStage {
  readonly stage: Stage;
  readonly targets: readonly VersionTarget[];
  stop(): Promise<void>;
}

export async function startVersionStage(): Promise<VersionStage> {
  const targets = await startVersionTargets();
  const close = async (): Promise<void> => void (await Promise.all(targets.map((target) => target.close())));
  try {
    const stage = await startStage({ targets: [], rules: () => rulesOfVersion(0, targets) });
    return { stage, targets, stop: () => stage.stop().then(close) };
  } catch (cause) {
    await close();
    throw cause;
  }
}

async function startTarget(id: string): Promise<VersionTarget> {
  const server: Server = createServer(({ headers }, response) => {
    response.setHeader("x-served-by", id);
    response.setHeader("x-asked", headers["x-version"] ?? "");
    response.end("ok");
  });
  server.keepAliveTimeout = 0; // a connection closed while Envoy sends on it would fail that request
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const close = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return { id, port: (server.address() as AddressInfo).port, close };
}

const isOf = (version: number, id: string): boolean => version === 0 || id.startsWith(`s${version % SETS}_`);

/** The rules of one version: its pool decides the target, and its route what two headers say, one on the way there and one on the way back. */
export function rulesOfVersion(version: number, targets: readonly VersionTarget[], extraRoutes = 0): Record<string, unknown> {
  const own = targets.filter(({ id }) => isOf(version, id)).map(({ id, port }) => ({ id, address: `127.0.0.1:${port}` }));
  const marked = { set: { "x-version": `${version}` } };
  const extra = Array.from({ length: extraRoutes }, (_, index) => ({ match: { prefix: `/extra/${index}/` }, target: { pool: "p" } }));
  const route = { target: { pool: "p" }, request: marked, response: marked };
  return { pools: { p: { targets: own, shard: { size: 1, salt: "pepper" } } }, virtual_hosts: [{ routes: [...extra, route] }] };
}

/** One answer, and what is wrong with it; undefined: nothing. */
export interface Seen {
  readonly us: number;
  readonly version: number;
  readonly wrong: string | undefined;
}

/** Asks through Envoy with so many connections at a time, and holds each answer against one whole version. */
export class VersionClient {
  readonly #agent: Agent;
  readonly #port: number;
  readonly #connections: number;

  constructor(port: number, connections: number) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
    this.#port = port;
    this.#connections = connections;
  }

  /** Sends one request after the other on each connection as long as `goesOn` says so. */
  async send(goesOn: () => boolean, onSeen: (seen: Seen) => void): Promise<void> {
    const worker = async (index: number): Promise<void> => {
      for (let sent = index; goesOn(); sent += this.#connections) onSeen(await this.#ask(`customer-${sent % 1_000}`));
    };
    await Promise.all(Array.from({ length: this.#connections }, (_, index) => worker(index)));
  }

  close(): void {
    this.#agent.destroy();
  }

  #ask(customer: string): Promise<Seen> {
    const sentMs = performance.now();
    const { promise, resolve } = Promise.withResolvers<Seen>();
    const see = (version: number, wrong?: string): void => resolve({ us: (performance.now() - sentMs) * 1_000, version, wrong });
    const options = { agent: this.#agent, host: "127.0.0.1", port: this.#port, headers: { "x-customer-id": customer } };
    request(options, (response) => {
      const { "x-version": said, "x-asked": asked, "x-served-by": servedBy } = response.headers;
      const version = Number(said);
      const isWhole = asked === said && typeof servedBy === "string" && isOf(version, servedBy);
      const wrong = response.statusCode === 200 && isWhole ? undefined : JSON.stringify([response.statusCode, said, asked, servedBy]);
      response.resume().once("end", () => see(version, wrong));
    })
      .once("error", (error) => see(Number.NaN, error.message))
      .end();
    return promise;
  }
}

/** The ways to bring a new file in and have it taken, by turns. */
const WAYS = ["rename", "symlink", "SIGHUP", "POST"] as const;

/** Brings a version in, in the way whose turn it is; resolves with the milliseconds of the reload once it is in force. */
export async function bringIn(version: number, content: string, { file, adminSocket, riffles }: Stage): Promise<number> {
  const way = WAYS[version % WAYS.length];
  const before = (await askAdmin(adminSocket, "GET", "/ready")).body.version;
  if (way === "rename" || way === "symlink") {
    const fresh = join(dirname(file), `version-${version}`);
    await writeFile(fresh, content);
    if (way === "symlink") await symlink(fresh, `${fresh}.link`);
    await rename(way === "symlink" ? `${fresh}.link` : fresh, file);
  } else {
    // In the file's own place, where a watch may see a half of it: that is a reload that fails, and another after it.
    await writeFile(file, content);
  }
  if (way === "SIGHUP") riffles[0]?.process.kill("SIGHUP");
  if (way === "POST") await askAdmin(adminSocket, "POST", "/reload");
  const { reload } = await untilReady(adminSocket, (body) => body.version !== before);
  return reload?.took_ms ?? 0;
}
