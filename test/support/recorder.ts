import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A target that keeps what it was sent. */
export interface Recorder {
  readonly id: string;
  readonly port: number;
  readonly received: readonly IncomingHttpHeaders[];
  /** From now on its port refuses connections. */
  close(): Promise<void>;
}

/** Starts a target on a free loopback port. It keeps no connection open, so that none is closed while Envoy sends on it. */
export async function startRecorder(id: string): Promise<Recorder> {
  const received: IncomingHttpHeaders[] = [];
  const server = createServer(({ headers }, response) => {
    received.push(headers);
    response.setHeader("connection", "close");
    response.setHeader("x-served-by", id);
    response.end(id);
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  return { id, port: (server.address() as AddressInfo).port, received, close: () => close(server) };
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve())); // a second time it is closed already
}
