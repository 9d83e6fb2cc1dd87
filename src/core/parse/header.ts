import { HOSTS_KEY } from "../rules.ts";
import { type Parsed, refuse, value } from "./scalar.ts";

/** Reads the name of a header that riffle may read and write → lower case. RFC 9110 §5.6.2 (token). */
export function parseHeaderName(text: string): Parsed<string> {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/.test(text)) return refuse(text, "is not a header name; write one such as x-customer-id");
  const name = text.toLowerCase(); // after the test: the Kelvin sign has a lower case among the letters
  if (HOPS.has(name)) return refuse(text, "belongs to the connection or the message itself; name another header");
  // Frameworks take x_a for x-a, so the generated Envoy answers 400 to any request that has one.
  if (name.includes("_")) return refuse(text, "holds an underscore, and Envoy refuses requests with such headers; write it with -");
  const prefix = RESERVED.find((start) => name.startsWith(start));
  return prefix === undefined ? value(name) : refuse(text, `is reserved, as is all that starts with ${prefix}; name another header`);
}

/** Reads the name of a header that lists hosts: riffle's own one, too. */
export const parseHostsHeader = (text: string): Parsed<string> =>
  text.toLowerCase() === HOSTS_KEY ? value(HOSTS_KEY) : parseHeaderName(text);

/** Envoy refuses to change some of these, and a change of the others breaks the message. RFC 9110 §7.6.1. */
const HOPS: ReadonlySet<string> = new Set([
  "host",
  "connection",
  "content-length",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "trailers",
  "transfer-encoding",
  "upgrade",
]);

const RESERVED: readonly string[] = ["x-envoy-", "x-riffle-"];
