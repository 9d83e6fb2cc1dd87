import { errors, Pool } from "undici";
import type { DiscoveryService } from "../../core/rules.ts";
import { failed, NONE, parseReply, type Reply } from "./reply.ts";

/** The way to one discovery service. */
export interface Line {
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
  const pool = new Pool(origin, {
    connections: MAX_CONNECTIONS,
    pipelining: 1,
    allowH2: false,
    maxResponseSize: MAX_REPLY_BYTES,
    connectTimeout: CONNECT_MS,
  });
  const ask = async (key: string, signal: AbortSignal): Promise<Reply> => {
    if (key === "." || key === "..") return NONE; // in a path either would lead elsewhere, percent-encoded or not
    try {
      const path = `${before}${encodeKey(key)}${after}`;
      const { statusCode, body } = await pool.request({ method: "GET", path, headers: HEADERS, signal });
      return parseReply(statusCode, await body.text(), field);
    } catch (cause) {
      return describe(cause);
    }
  };
  return { ask, close: () => pool.close() };
}

const HEADERS = { accept: "application/json", "user-agent": "riffle" };

/** Every byte but the unreserved ones as %XX (RFC 3986 §2.3): a key is never more than one value of the URL. */
const encodeKey = (key: string): string => key.replace(/[^A-Za-z0-9._~-]/g, escapeByte);
const escapeByte = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;

/** What the operator wrote stays as it is, but for what no request line can hold. */
const encodeRest = (text: string): string => text.replace(/[^\x21-\x7e]+/g, encodeURIComponent);

function describe(cause: unknown): Reply {
  if (cause instanceof errors.ResponseExceededMaxSizeError) return failed(`an answer of more than ${MAX_REPLY_BYTES} bytes`);
  if (cause instanceof errors.HTTPParserError) return failed("the answer is no HTTP");
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
  return failed(`no connection (${code})`, true);
}
