import { percentEscape } from "./bytes.ts";
import type { Headers } from "./exchange.ts";
import { endOfPath } from "./match/path.ts";
import type { RedirectTarget } from "./route-rules.ts";
import { CONTROL, type Filled, fill, hasControl, MAX_FILLED, type Scope, TOO_LONG } from "./template.ts";

/**
 * Where a redirect sends the client: its own address with what the route changes, always with a host, so that no path can be taken
 * for one. A port goes with the host and scheme it was given for, and is left out where the scheme has it anyway. A misfit where
 * the client's own host is none. RFC 9110 §10.2.2.
 */
export function locationOf(target: RedirectTarget, scope: Scope): Filled {
  const { headers } = scope.exchange;
  const asked = headers.get(":path") ?? "/";
  const end = endOfPath(asked);
  const path = target.path === undefined ? { text: asked.slice(0, end) } : fill(target.path, scope, MAX_FILLED);
  if ("misfit" in path) return path;
  const query = target.stripsQuery || asked[end] !== "?" ? "" : asked.slice(end).replace(/#.*$/s, "");
  const scheme = schemeOf(headers);
  const authority = authorityOf(target, headers.get(":authority") ?? "", scheme);
  if (authority === undefined) return NO_HOST;
  if (hasControl(path.text) || hasControl(query)) return CONTROL;
  // What a browser would read otherwise, or an old one takes for the beginning of a host, is escaped or left out.
  const safe = path.text.replace(/^[/\\]+/, "").replace(/[^!-~]|["#<>?\\]/g, percentEscape);
  const location = `${target.scheme ?? scheme}://${authority}/${safe}${query.replace(/[^!-~]|["<>\\]/g, percentEscape)}`;
  return location.length > MAX_FILLED ? TOO_LONG : { text: location };
}

const NO_HOST: Filled = { misfit: "no host to redirect to" };

/** As Envoy says it: x-forwarded-proto is its own word where it takes the peer for the client, `:scheme` the client's. */
const schemeOf = (headers: Headers): "http" | "https" =>
  (headers.get("x-forwarded-proto") ?? headers.get(":scheme")) === "https" ? "https" : "http";

/** Undefined for an authority that is no host: `a@b`, `a/b` and `a?b` are other places to a browser than to a virtual host. */
function authorityOf({ host, port, ...target }: RedirectTarget, authority: string, scheme: "http" | "https"): string | undefined {
  const [, name, given = ""] = AUTHORITY.exec(authority) ?? [];
  const to = host ?? name;
  if (to === undefined) return undefined;
  const newScheme = target.scheme ?? scheme;
  const kept = host === undefined && newScheme === scheme && given !== "" ? Number(given) : undefined;
  const chosen = port ?? kept;
  if (chosen !== undefined && chosen > 65_535) return undefined;
  const isImplied = chosen === undefined || chosen === (newScheme === "https" ? 443 : 80);
  return `${to}${isImplied ? "" : `:${chosen}`}`;
}

const AUTHORITY = /^([a-z0-9_.-]{1,255}|\[[0-9a-f:.]{2,45}\])(?::([0-9]{0,5}))?$/i;
