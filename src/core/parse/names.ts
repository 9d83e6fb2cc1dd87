import { toByteString } from "../bytes.ts";
import { RIFFLE_CLUSTER } from "../rules.ts";
import { type Parsed, refuse, value } from "./scalar.ts";

/** Reads a pool's name: it stands in keys of the store, metrics and paths. */
export function parsePoolName(text: string): Parsed<string> {
  if (/^[a-z0-9][a-z0-9_-]{0,62}$/.test(text)) return value(text);
  return refuse(text, "is not a pool name; write 1 to 63 of a-z 0-9 _ -, the first a letter or digit");
}

/** Reads the name of a discovery, which is of the same form. */
export function parseDiscoveryName(text: string): Parsed<string> {
  const parsed = parsePoolName(text);
  return "value" in parsed ? parsed : refuse(text, "is not a discovery's name; write 1 to 63 of a-z 0-9 _ -, the first a letter or digit");
}

/** Reads a target's id or a fixed cluster's name: it travels in a header, and in comma lists of the store. */
export function parseClusterName(text: string): Parsed<string> {
  if (text === RIFFLE_CLUSTER) return refuse(text, "is the name of riffle's own cluster; choose another");
  if (/^[!#-+\--:<-~]{1,256}$/.test(text)) return value(text); // visible ASCII without " , ;
  return refuse(text, 'is not a target id; write 1 to 256 visible ASCII characters without , ; "');
}

/** Reads a zone's name → byte string. */
export function parseZone(text: string): Parsed<string> {
  if (text === "") return refuse(text, "is not a zone; leave the key out where there is none");
  return text.isWellFormed() ? value(toByteString(text)) : refuse(text, "holds half a surrogate pair; write valid text");
}

/** Reads a salt → byte string. NUL is what separates it from the customer where both are hashed. riffle-1, 3.1. */
export function parseSalt(text: string): Parsed<string> {
  if (text.includes("\0")) return { why: "may not hold a NUL; write other text" }; // never shown: a salt is a secret
  return text.isWellFormed() ? value(toByteString(text)) : { why: "holds half a surrogate pair; write valid text" };
}

/** Reads a virtual host's name → lower case: exact, `*.suffix`, `prefix.*` or `*`; a port belongs to the name, as in Envoy. */
export function parseHost(text: string): Parsed<string> {
  if (text.length <= 255 && HOST.test(text)) return value(text.toLowerCase());
  return refuse(text, 'is not a host; write a name, "*.example.com", "api.*" or "*"');
}

const HOST = /^(?:\*|(?:\*\.)?[a-z0-9_.-]+(?::[0-9]{1,5})?|[a-z0-9_.-]+\.\*|\[[0-9a-f:.]+\](?::[0-9]{1,5})?)$/i;

/** Reads text of any kind → byte string. */
export const parseText = (text: string): Parsed<string> =>
  text.isWellFormed() ? value(toByteString(text)) : refuse(text, "holds half a surrogate pair; write valid text");

/** Reads a host to send clients to → lower case, without port. */
export const parseHostname = (text: string): Parsed<string> =>
  text.length <= 255 && /^(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])$/i.test(text)
    ? value(text.toLowerCase())
    : refuse(text, "is not a host; write its name or address, and the port as port");
