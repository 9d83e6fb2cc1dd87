import type { DiscoveryKey, DiscoveryService } from "../route-rules.ts";
import { parseMatchName } from "./match.ts";
import { type Parsed, refuse, value } from "./scalar.ts";

/** The URL of a discovery service, and what is asked for with it. */
export interface DiscoveryUrl {
  readonly url: DiscoveryService["url"];
  readonly key: DiscoveryKey;
}

/** Reads a URL with one placeholder: {host}, {customer} or {header:NAME}, in its path or query. */
export function parseDiscoveryUrl(text: string): Parsed<DiscoveryUrl> {
  if (/^[^/?#]*:\/\/[^/?#]*@/.test(text)) return { why: "holds a name or password; what asks from this machine needs none" }; // never shown
  const [before = "", placeholder, after = "", ...more] = text.split(/\{([^{}]*)\}/);
  if (placeholder === undefined || more.length > 0)
    return refuse(text, "must hold one placeholder: {host}, {customer} or {header:NAME}; write http://127.0.0.1:7200/lookup?host={host}");
  const key = parseDiscoveryKey(placeholder);
  if ("why" in key) return key;
  const url = URL.parse(`${before}x${after}`);
  if (url === null || !/^https?:\/\/[^/?#]+\//.test(before) || !/^[!-[\]-z|~]*$/.test(before + after))
    return refuse(text, "is not a URL; write http://127.0.0.1:7200/lookup?host={host}");
  if (url.hash !== "") return refuse(text, "has a fragment, which is never sent; end it before #");
  return value({ url: { before, after }, key: key.value });
}

/** Reads what a region depends on: host, customer or header:NAME. */
export function parseDiscoveryKey(text: string): Parsed<DiscoveryKey> {
  if (text === "host" || text === "customer") return value({ kind: text });
  if (!text.startsWith("header:")) return refuse(text, "is nothing to look up; write host, customer or header:NAME");
  const name = parseMatchName(text.slice("header:".length));
  return "why" in name ? name : value({ kind: "header", header: name.value });
}

/** Reads the path of a field in an object: `region`, `data.region` → keys. */
export const parseField = (text: string): Parsed<readonly string[]> =>
  /^[^.\s]{1,64}(\.[^.\s]{1,64}){0,7}$/.test(text) ? value(text.split(".")) : refuse(text, "is not a field; write region, or data.region");

/** Reads a region: the value of a header, often a cluster's name. */
export const parseRegion = (text: string): Parsed<string> =>
  /^[!#-+\--:<-~]{1,256}$/.test(text)
    ? value(text)
    : refuse(text, 'is not a region; write 1 to 256 visible ASCII characters without , ; "');
