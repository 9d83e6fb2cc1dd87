import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { refuse } from "./guard.ts";
import type { Report } from "./rescue.ts";

/** An answer of the admin listener; a body that is no text is sent as JSON. */
export interface Page {
  readonly status: number;
  readonly body: string | object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Makes an answer. */
export type MakePage = () => Page | Promise<Page>;

/** Who answers at a path, by method; GET answers HEAD as well. What changes anything is a POST. */
export type Pages = ReadonlyMap<string, { readonly GET: MakePage } | { readonly POST: MakePage }>;

export interface AdminServerOptions {
  readonly pages: Pages; // by path
  readonly isSocketFile: boolean;
  readonly report: Report;
}

/** What one caller may take, of an interface that few use, and seldom. */
export const ADMIN_LIMITS = {
  connections: 100,
  requestsPerConnection: 1_000,
  headerBytes: 16 * 1024,
  bodyBytes: 64 * 1024,
  headersMs: 5_000, // until all headers are there
  requestMs: 10_000, // until all of the request is there
  idleMs: 5_000, // between two requests
  stalledMs: 60_000, // without a byte in either direction
} as const;

/** The HTTP/1.1 server of the admin listener: bounded, and guarded against web pages. Whoever starts it, listens with it. */
export function createAdminServer(options: AdminServerOptions): Server {
  const server = createServer(
    {
      maxHeaderSize: ADMIN_LIMITS.headerBytes,
      headersTimeout: ADMIN_LIMITS.headersMs,
      requestTimeout: ADMIN_LIMITS.requestMs,
      keepAliveTimeout: ADMIN_LIMITS.idleMs,
      connectionsCheckingInterval: 1_000,
    },
    (request, response) => void answer(request, response, options),
  );
  server.maxConnections = ADMIN_LIMITS.connections;
  server.maxRequestsPerSocket = ADMIN_LIMITS.requestsPerConnection;
  return server.setTimeout(ADMIN_LIMITS.stalledMs);
}

async function answer(request: IncomingMessage, response: ServerResponse, options: AdminServerOptions): Promise<void> {
  try {
    send(response, await choose(request, options));
  } catch (cause) {
    if (request.errored !== null) return; // the caller is gone
    options.report(cause);
    send(response, { status: 500, body: { error: "internal error, please report it" } });
  }
}

async function choose(request: IncomingMessage, { pages, isSocketFile }: AdminServerOptions): Promise<Page> {
  const { method = "", url = "", headers } = request;
  const refusal = refuse(
    {
      isMutation: method !== "GET" && method !== "HEAD",
      host: headers.host,
      origin: headers.origin,
      fetchSite: single(headers["sec-fetch-site"]),
      contentType: headers["content-type"],
    },
    isSocketFile,
  );
  if (refusal !== undefined) return closing(refusal.status, refusal.why);
  const page = pages.get(url.split("?", 1)[0] ?? "");
  if (page === undefined) return closing(404, "nothing is here");
  const allowed = "GET" in page ? "GET, HEAD" : "POST";
  const make = "GET" in page ? (method === "GET" || method === "HEAD") && page.GET : method === "POST" && page.POST;
  if (make === false) return { ...closing(405, `only ${allowed}`), headers: { allow: allowed, connection: "close" } };
  if (!(await isRead(request))) return closing(413, "a body that is too large");
  return make();
}

/** A refusal ends the connection: what may follow is not read. */
const closing = (status: number, error: string): Page => ({ status, body: { error }, headers: { connection: "close" } });

/** Reads a body to its end; false once it is too large. No page needs what it says. */
async function isRead(request: IncomingMessage): Promise<boolean> {
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > ADMIN_LIMITS.bodyBytes) return false;
  }
  return true;
}

/** To HEAD Node sends no body. */
function send(response: ServerResponse, { status, body, headers }: Page): void {
  const isText = typeof body === "string";
  const content = Buffer.from(isText ? body : `${JSON.stringify(body, null, 2)}\n`);
  response.writeHead(status, {
    "content-type": isText ? "text/plain; charset=utf-8" : "application/json",
    "content-length": content.length,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    ...headers,
  });
  response.end(content);
}

const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);
