import { toByteString } from "../bytes.ts";
import { type Parsed, refuse, value } from "./scalar.ts";

/** Reads a path as Envoy matches it: without query and fragment, and with all but visible ASCII percent-encoded. */
export const parsePath = (text: string): Parsed<string> => parseWhole(text, "path");

/** Reads what a path begins with. */
export const parsePrefix = (text: string): Parsed<string> => parseWhole(text, "prefix of a path");

function parseWhole(text: string, kind: string): Parsed<string> {
  if (!text.startsWith("/")) return refuse(text, `is not a ${kind}; begin it with /`);
  if (/[?#]/.test(text)) return refuse(text, "reaches into the query; end it before ? and #");
  return /^[!-~]+$/.test(text) ? value(text) : refuse(text, "can match no path; percent-encode all but visible ASCII");
}

/** Reads a prefix that ends at a segment's end: /a is the prefix of /a and of /a/b, not of /ab. As in Envoy, without the last slash. */
export function parseSegments(text: string): Parsed<string> {
  const parsed = parsePrefix(text);
  if ("why" in parsed || !text.endsWith("/")) return parsed;
  return refuse(text, text === "/" ? "ends with a slash; for every path write prefix: /" : "ends with a slash; leave it out");
}

/** Reads a method; upper and lower case differ. RFC 9110 §9.1. */
export const parseMethod = (text: string): Parsed<string> =>
  /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/.test(text) ? value(text) : refuse(text, "is not a method; write one such as GET");

/** Reads the name of a header to look at → lower case. Pseudo-headers may be looked at, too. */
export function parseMatchName(text: string): Parsed<string> {
  const name = text.toLowerCase();
  if (name === "host") return refuse(text, "is :authority to Envoy and riffle; write that");
  if (/^:(authority|method|path|scheme)$/.test(name)) return value(name);
  if (!/^[!#$%&'*+.^`|~0-9A-Za-z-]{1,256}$/.test(text)) return refuse(text, "is not a header name; write one such as x-env");
  return value(name);
}

/** Reads a text that a header or parameter is compared with → byte string. */
export function parseCompared(text: string): Parsed<string> {
  if (text.length > MAX_LENGTH) return refuse(text, `is longer than ${MAX_LENGTH} characters`);
  return text.isWellFormed() ? value(toByteString(text)) : refuse(text, "holds half a surrogate pair; write valid text");
}

/** As parseCompared; nothing at all begins, ends or is part of everything. */
export const parsePart = (text: string): Parsed<string> =>
  text === "" ? refuse(text, "is part of every text; write present: true") : parseCompared(text);

/** Reads a query parameter's name, as it stands in the query: not decoded. */
export const parseParameter = (text: string): Parsed<string> =>
  /^[!"$%'-<>-~]{1,256}$/.test(text) ? value(text) : refuse(text, "is no name of a query parameter; percent-encode what is not plain");

const MAX_LENGTH = 1024;

/** Reads a route's name: it stands in metrics and traces. */
export const parseRouteName = (text: string): Parsed<string> =>
  /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/.test(text)
    ? value(text)
    : refuse(text, "is not a route's name; write 1 to 63 of A-Z a-z 0-9 _ . -, the first a letter or digit");
