import type { HeaderField } from "../hpack/field.ts";

/** A request's head that keeps the rules of HTTP/2. Byte strings throughout. */
export interface RequestHead {
  readonly method: string;
  readonly path: string;
  readonly contentLength: number | undefined;
  readonly fields: readonly HeaderField[]; // the regular ones, in order
}

/**
 * Reads the head of a request; undefined when it is malformed, which is a stream error PROTOCOL_ERROR.
 * RFC 9113 §8.2 (names and values), §8.3 (pseudo-header fields), §8.1.1 (content-length).
 */
export function readRequestHead(fields: readonly HeaderField[]): RequestHead | undefined {
  const pseudo = new Map<string, string>();
  let first = 0; // regular field
  for (const { name, value } of fields) {
    if (name.charCodeAt(0) !== COLON) break;
    if (!PSEUDO.has(name) || pseudo.has(name) || !isValue(value)) return undefined;
    pseudo.set(name, value);
    first++;
  }
  const regular = fields.slice(first);
  if (!regular.every(isRegular)) return undefined;
  const method = pseudo.get(":method");
  const path = pseudo.get(":path");
  if (!method || !path || !pseudo.get(":scheme")) return undefined;
  const lengths = regular.filter(({ name }) => name === "content-length");
  const contentLength = lengths.length === 0 ? undefined : parseLength(lengths[0]?.value ?? "");
  if (lengths.length > 0 && (contentLength === undefined || lengths.some(({ value }) => parseLength(value) !== contentLength)))
    return undefined;
  return { method, path, contentLength, fields: regular };
}

/** Whether these fields may end a message: none of them is a pseudo-header field. RFC 9113 §8.1. */
export const isTrailers = (fields: readonly HeaderField[]): boolean => fields.every(isRegular);

const PSEUDO: ReadonlySet<string> = new Set([":method", ":scheme", ":authority", ":path"]);
const COLON = 0x3a;

/** What speaks of one connection has no place in HTTP/2. RFC 9113 §8.2.2. */
const CONNECTION: ReadonlySet<string> = new Set(["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"]);

function isRegular({ name, value }: HeaderField): boolean {
  return isName(name) && isValue(value) && !CONNECTION.has(name) && (name !== "te" || value === "trailers");
}

/** RFC 9113 §8.2.1: no controls, space, capitals, colon or bytes above 0x7e. */
function isName(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code <= 0x20 || (code >= 0x41 && code <= 0x5a) || code === COLON || code >= 0x7f) return false;
  }
  return name.length > 0;
}

/** RFC 9113 §8.2.1: no NUL, LF or CR, and neither space nor tab at either end. */
function isValue(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code === 0 || code === 0x0a || code === 0x0d) return false;
  }
  return value.length === 0 || !(isBlank(value.charCodeAt(0)) || isBlank(value.charCodeAt(value.length - 1)));
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

const parseLength = (text: string): number | undefined => (/^[0-9]{1,15}$/.test(text) ? Number(text) : undefined);
