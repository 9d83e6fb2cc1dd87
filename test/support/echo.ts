import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** A target that says what it was sent. */
export interface Echo {
  readonly id: string;
  readonly address: string;
  close(): Promise<void>;
}

/** What an echo says it was sent. */
export interface Heard {
  readonly id: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, readonly string[]>>; // by name in lower case: every line; byte strings
}

/** Starts a target of this name on a free loopback port. Its responses have `x-upstream: <id>` and `x-internal: 1`. */
export async function startEcho(id: string): Promise<Echo> {
  const server = createServer({ maxHeaderSize: 128 * 1024 }, (incoming, response) => {
    incoming.resume().on("end", () => {
      const heard: Heard = { id, url: incoming.url ?? "", headers: incoming.headersDistinct as Heard["headers"] };
      response.setHeader("x-upstream", id).setHeader("x-internal", "1").end(JSON.stringify(heard));
    });
  });
  server.keepAliveTimeout = 0; // a connection closed while Envoy sends on it would fail that request
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const close = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return { id, address: `127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

/** A request to a port of loopback. */
export interface Sent {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

/** Its response. */
export interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: string; // byte string
}

/** Sends one request, on a connection of its own. Rejects when there is no response. */
export function send(port: number, { path, method = "GET", headers = {} }: Sent): Promise<Got> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path, method, headers: { ...headers }, agent: false };
    request(options, (response) => {
      let body = "";
      response.setEncoding("latin1").on("data", (chunk: string) => {
        body += chunk;
      });
      response.once("error", reject).once("end", () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headersDistinct as Got["headers"], body });
      });
    })
      .once("error", reject)
      .end();
  });
}
