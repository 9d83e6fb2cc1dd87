import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A target that keeps what it was sent. */
export interface Recorder {
  readonly id: string;
  readonly port: number;
  readonly received: readonly IncomingHttpHeaders[]; // the first thousand
  /** From now on its port refuses connections … */
  close(): Promise<void>;
  /** … and takes them again. */
  open(): Promise<void>;
}

/** Starts a target on a free loopback port. It keeps no connection open, so that none is closed while Envoy sends on it. */
export async function startRecorder(id: string): Promise<Recorder> {
  const received: IncomingHttpHeaders[] = [];
  const server = createServer(({ headers }, response) => {
    if (received.length < 1_000) received.push(headers);
    response.setHeader("connection", "close");
    response.setHeader("x-served-by", id);
    response.end(id);
  });
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) =>
      server.once("error", reject).listen(port, "127.0.0.1", () => resolve(void server.off("error", reject))),
    );
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return { id, port, received, close: () => close(server), open: () => listen(port) };
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve())); // a second time it is closed already
}
