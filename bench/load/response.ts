/** One whole HTTP/1.1 response at the start of some bytes. */
export interface Response {
  readonly status: number;
  readonly length: number; // bytes, head and body
}

const HEAD_END = Buffer.from("\r\n\r\n");
const STATUS_AT = "HTTP/1.1 ".length;

/**
 * Reads the response at the start of `bytes`; undefined while it is not all there. Reads no more than measuring needs.
 * Throws Error for a response whose end cannot be told.
 */
export function readResponse(bytes: Buffer): Response | undefined {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) return undefined;
  const head = bytes.toString("latin1", 0, headEnd);
  const bodyAt = headEnd + HEAD_END.length;
  const length = bodyAt + bodyLength(head, bytes, bodyAt);
  return bytes.length < length ? undefined : { status: Number(head.slice(STATUS_AT, STATUS_AT + 3)), length };
}

/** Infinity while chunks are missing. */
function bodyLength(head: string, bytes: Buffer, bodyAt: number): number {
  const [, length] = /\r\ncontent-length: *(\d+)/i.exec(head) ?? [];
  if (length !== undefined) return Number(length);
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return chunkedLength(bytes, bodyAt);
  throw new Error(`neither content-length nor chunks: ${head}`);
}

/** RFC 9112 §7.1, without trailers: nothing here sends them. */
function chunkedLength(bytes: Buffer, bodyAt: number): number {
  for (let at = bodyAt; ; ) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd < 0) return Number.POSITIVE_INFINITY;
    const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    if (Number.isNaN(size)) throw new Error("a chunk without a size");
    at = lineEnd + 2 + size + 2;
    if (size === 0) return at - bodyAt;
  }
}
