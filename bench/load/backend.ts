// All targets in one process: a port each, and the same few bytes for every request. Started by worker.ts.
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { BackendOrder, BackendReport } from "./messages.ts";
import { countRequests, type Unfinished } from "./requests.ts";
import { serveOrders } from "./serve-orders.ts";

serveOrders<BackendOrder, BackendReport>(async ({ targets }) => ({ ports: await Promise.all(targets.map(listen)) }));

function listen(target: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const response = Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nx-served-by: ${target}\r\ncontent-length: 3\r\n\r\nok\n`);
  const server = createServer({ noDelay: true }, (socket) => answer(socket, response));
  server.once("error", reject).listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  return promise;
}

function answer(socket: Socket, response: Buffer): void {
  let unfinished: Unfinished;
  socket.on("data", (chunk: Buffer) => {
    const counted = countRequests(chunk, unfinished);
    unfinished = counted.unfinished;
    for (let left = counted.requests; left > 0; left--) socket.write(response);
  });
  socket.on("error", () => socket.destroy()); // Envoy is gone
}
