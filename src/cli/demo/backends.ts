import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A sample target: it says who it is, and counts what it served. */
export interface Backend {
  readonly id: string;
  readonly zone: string;
  readonly port: number;
  served(): number;
  close(): Promise<void>;
}

/** The demo's targets: eight in three zones. */
export const DEMO_TARGETS = Array.from({ length: 8 }, (_, index) => ({ id: `backend_${index}`, zone: "abc".charAt(index % 3) }));

/** Starts targets on free loopback ports. */
export function startBackends(targets: readonly Pick<Backend, "id" | "zone">[] = DEMO_TARGETS): Promise<readonly Backend[]> {
  return Promise.all(targets.map(({ id, zone }) => startBackend(id, zone)));
}

const MAX_HEADER_BYTES = 128 * 1024; // more than Envoy lets through: what is refused is refused there

async function startBackend(id: string, zone: string): Promise<Backend> {
  let served = 0;
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
    let received = 0; // bytes of body
    request.on("data", (chunk: Buffer) => {
      received += chunk.length;
    });
    request.on("end", () => {
      served++;
      response.setHeader("content-type", "application/json");
      response.setHeader("x-served-by", id);
      response.end(`${JSON.stringify({ target: id, zone, customer: request.headers["x-customer-id"], path: request.url, received })}\n`);
    });
  });
  server.keepAliveTimeout = 0; // a connection closed while Envoy sends on it would fail that request
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  return { id, zone, port: portOf(server), served: () => served, close: () => close(server) };
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
