import { RE2JS } from "re2js";
import type { Headers } from "../../../src/core/exchange.ts";
import type { HeaderMatch, PathMatch, QueryMatch, Route, TextMatch, VirtualHost } from "../../../src/core/route-rules.ts";

/**
 * Routing as the documents of Envoy describe it, as plainly as it can be written: no tree, no order but that of the file.
 * Shares of customers are left to `isAmong`. Written apart from src/core/match, of which nothing is used here.
 */
export function referenceRoute(all: readonly VirtualHost[], headers: Headers, isAmong: (route: Route) => boolean): Route | undefined {
  const host = (headers.get(":authority") ?? "").replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const ranked = all
    .flatMap((virtualHost) => virtualHost.hosts.map((pattern) => ({ virtualHost, pattern, rank: rankOf(pattern, host) })))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank);
  return ranked[0]?.virtualHost.routes.find((route) => isFor(route, headers) && isAmong(route));
}

/** 0 for no match; exact over suffix over prefix over any, longer over shorter. */
function rankOf(pattern: string, host: string): number {
  if (pattern === "*") return 1;
  if (pattern === host) return 4000;
  const text = pattern.replace("*", "");
  if (host.length <= text.length) return 0;
  if (pattern.startsWith("*")) return host.endsWith(text) ? 3000 + text.length : 0;
  return pattern.endsWith("*") && host.startsWith(text) ? 2000 + text.length : 0;
}

function isFor({ match }: Route, headers: Headers): boolean {
  const whole = headers.get(":path") ?? "";
  const path = whole.split(/[?#]/)[0] ?? "";
  return (
    path.startsWith("/") &&
    isPath(match.path, path) &&
    (match.methods.length === 0 || match.methods.includes(headers.get(":method") ?? "")) &&
    match.headers.every((one) => isHeader(one, headers)) &&
    match.query.every((one) => isQuery(one, whole))
  );
}

function isPath(match: PathMatch, path: string): boolean {
  if (match.kind === "exact") return path === match.path;
  if (match.kind === "prefix") return path.startsWith(match.prefix);
  if (match.kind === "segments") return path === match.prefix || path.startsWith(`${match.prefix}/`);
  return fullMatch(match.kind === "regex" ? match.regex : templateRegex(match.template), path);
}

/** Envoy's own translation (toRegexPattern of uri_template_internal.cc). */
export function templateRegex(template: string): string {
  const literal = "a-zA-Z0-9\\-._~%!$&'()*+,;:@=";
  const tokens = template.match(/\{[^}]*\}|\*\*|\*|[^{*]+/g) ?? [];
  const inside = (text: string): string =>
    (text.match(/\*\*|\*|[^*]+/g) ?? [])
      .map((part) => (part === "**" ? `[${literal}/]*` : part === "*" ? `[${literal}]+` : part.replace(/[$()+.]/g, "\\$&")))
      .join("");
  return tokens
    .map((token) =>
      token.startsWith("{")
        ? `(?P<${token
            .slice(1, -1)
            .replace(/(=|$)/, ">")
            .replace(/>(.*)$/s, (_, p: string) => `>${inside(p || "*")}`)})`
        : inside(token),
    )
    .join("");
}

/** Byte by byte. */
const fullMatch = (regex: string, bytes: string): boolean => RE2JS.compile(Buffer.from(regex).toString("latin1")).testExact(bytes);

function isText(match: TextMatch, value: string): boolean {
  if (match.kind === "regex") return fullMatch(match.regex, value);
  const { text } = match;
  return { exact: value === text, prefix: value.startsWith(text), suffix: value.endsWith(text), contains: value.includes(text) }[
    match.kind
  ];
}

function isHeader({ name, test, isInverted }: HeaderMatch, headers: Headers): boolean {
  const lines = headers.all(name === "host" ? ":authority" : name);
  if (test.kind === "present") return lines.length > 0 !== isInverted;
  if (lines.length === 0) return false;
  const passes = (value: string): boolean => (test.kind === "range" ? isInRange(value, test) : isText(test, value));
  return isInverted ? !lines.some(passes) : lines.some(passes);
}

function isInRange(text: string, { from, to }: { readonly from: number; readonly to: number }): boolean {
  if (!/^[+-]?\d+$/.test(text.trim())) return false;
  const number = BigInt(text.trim().replace("+", ""));
  return number >= BigInt(from) && number < BigInt(to);
}

function isQuery({ name, test }: QueryMatch, path: string): boolean {
  const [, ...rest] = path.split("?");
  const pairs = rest
    .join("?")
    .split("&")
    .map((pair) => [pair.split("=")[0] ?? "", pair.split("=").slice(1).join("=")] as const);
  const found = pairs.find(([key]) => key === name);
  return found !== undefined && (test.kind === "present" || isText(test, found[1]));
}
