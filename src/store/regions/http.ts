import type { Pool } from "undici";
import { encodeId } from "../../core/bytes.ts";
import type { DiscoveryService } from "../../core/route-rules.ts";
import { failed, NONE, parseReply, type Reply, unheard } from "./reply.ts";

/** The way to one source of regions. */
export interface Line {
  /** Settled once nothing but the source itself is waited for. */
  readonly ready: Promise<void>;
  /** Asks once for the region of `key` (byte string). Never rejects; after `signal` nobody hears what comes. */
  ask(key: string, signal: AbortSignal): Promise<Reply>;
  /** Lets calls under way finish, takes no more, and closes its connections. */
  close(): Promise<void>;
}

/** Connections to one service, and so how many of its calls are with it at one time. */
export const MAX_CONNECTIONS = 64;

/** Bytes of one answer. */
export const MAX_REPLY_BYTES = 64 * 1024;

const CONNECT_MS = 1_000; // a request gives up long before; this one frees the socket

/** A line over HTTP/1.1 with connections of its own. Follows no redirect, sends no cookie, trusts no size. */
export function openHttpLine({ url, field }: Pick<DiscoveryService, "url" | "field">): Line {
  const { origin } = new URL(url.before); // the key stands behind it: it never chooses the host
  const before = encodeRest(url.before.replace(/^[^/]*\/\/[^/?]*\/?/, "/"));
  const after = encodeRest(url.after);
  const opened = openPool(origin);
  const ask = async (key: string, signal: AbortSignal): Promise<Reply> => {
    if (key === "." || key === "..") return NONE; // in a path either would lead elsewhere, percent-encoded or not
    try {
      const path = `${before}${encodeId(key)}${after}`;
      const pool = await opened;
      const { statusCode, body } = await pool.request({ method: "GET", path, headers: HEADERS, signal });
      return parseReply(statusCode, await body.text(), field);
    } catch (cause) {
      return describe(cause);
    }
  };
  const ready = opened.then(() => undefined);
  return { ready, ask, close: async () => (await opened).close() };
}

/** undici is loaded for those who ask a service: that alone takes 0.3 s. */
async function openPool(origin: string): Promise<Pool> {
  const { Pool } = await import("undici");
  return new Pool(origin, {
    connections: MAX_CONNECTIONS,
    pipelining: 1,
    allowH2: false,
    maxResponseSize: MAX_REPLY_BYTES,
    connectTimeout: CONNECT_MS,
  });
}

const HEADERS = { accept: "application/json", "user-agent": "riffle" };

/** What the operator wrote stays as it is, but for what no request line can hold. */
const encodeRest = (text: string): string => text.replace(/[^\x21-\x7e]+/g, encodeURIComponent);

function describe(cause: unknown): Reply {
  const { name, code = "unknown" }: { readonly name?: string; readonly code?: string } = cause instanceof Error ? cause : {};
  if (code === "UND_ERR_RES_EXCEEDED_MAX_SIZE") return failed(`an answer of more than ${MAX_REPLY_BYTES} bytes`);
  if (name === "HTTPParserError") return failed("the answer is no HTTP");
  return unheard(`no connection (${code})`, true);
}
