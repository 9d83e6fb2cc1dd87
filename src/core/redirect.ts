import type { Headers } from "./exchange.ts";
import type { RedirectTarget } from "./rules.ts";
import { expand, type Scope } from "./template.ts";

/**
 * Where a redirect sends the client: its own address with what the route changes. A port goes with the host it was given for, and is
 * left out where the new scheme has it anyway. Undefined when a control character would stand in it. RFC 9110 §10.2.2.
 */
export function locationOf(target: RedirectTarget, scope: Scope): string | undefined {
  const { headers } = scope.exchange;
  const scheme = target.scheme ?? schemeOf(headers);
  const asked = headers.get(":path") ?? "/";
  const queryAt = asked.indexOf("?");
  const query = queryAt < 0 || target.stripsQuery ? "" : asked.slice(queryAt);
  const path = target.path === undefined ? asked.slice(0, queryAt < 0 ? undefined : queryAt) : expand(target.path, scope);
  // A second slash would begin another host's name.
  const location = `${scheme}://${authorityOf(target, headers, scheme)}/${path.replace(/^\/+/, "")}${query}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return /[\x00-\x20\x7f]/.test(location) ? undefined : location;
}

/** As Envoy says it: x-forwarded-proto is its own word where it takes the peer for the client, `:scheme` the client's. */
const schemeOf = (headers: Headers): string =>
  (headers.get("x-forwarded-proto") ?? headers.get(":scheme")) === "https" ? "https" : "http";

function authorityOf({ host, port, scheme: newScheme }: RedirectTarget, headers: Headers, scheme: string): string {
  const [, name = "", given] = /^(.*?)(?::([0-9]+))?$/.exec(headers.get(":authority") ?? "") ?? [];
  const kept = host === undefined && newScheme === undefined && given !== undefined ? Number(given) : undefined;
  const chosen = port ?? kept;
  const isImplied = chosen === undefined || chosen === (scheme === "https" ? 443 : 80);
  return `${host ?? name}${isImplied ? "" : `:${chosen}`}`;
}
