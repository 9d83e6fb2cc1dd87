import { hostOf } from "./authority.ts";
import type { Exchange } from "./exchange.ts";
import { endOfPath, withoutQuery } from "./match/path.ts";
import { partOf } from "./match/share.ts";
import { parseTemplate, type UriTemplate } from "./match/template.ts";
import type { PathMatch, Template } from "./route-rules.ts";

/** What variables stand for: an exchange, as far as it is known, and the version it is decided by. */
export interface Scope {
  readonly exchange: Exchange;
  readonly version: string;
}

/** A text that is whole (byte string), or why it cannot stand in a header. */
export type Filled = { readonly text: string } | { readonly misfit: string };

/**
 * The text with its variables filled in; one that has no value is nothing. A misfit where a control character would stand in it,
 * which only a client can have brought (RFC 9110 §5.5), or where it would be longer than `maxBytes`. Never throws.
 */
export function fill({ parts }: Template, scope: Scope, maxBytes: number): Filled {
  let text = "";
  for (const part of parts) {
    text += "text" in part ? part.text : textOf(part.variable, scope);
    if (text.length > maxBytes) return TOO_LONG; // at once: a few letters may name a long path many times
  }
  return hasControl(text) ? CONTROL : { text };
}

/** Whether a text holds control characters other than TAB. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
export const hasControl = (text: string): boolean => /[\x00-\x08\x0a-\x1f\x7f]/.test(text);

export const TOO_LONG = { misfit: "header too long" };
export const CONTROL = { misfit: "control character in a header" };

/**
 * What variables may make of one message's headers, in bytes. Envoy fails a request whose headers grow beyond 60 KiB, and what they
 * are made of is among those.
 */
export const MAX_FILLED = 16 * 1024;

/** Whether this variable occurs. */
export const mentions = ({ parts }: Template, variable: string): boolean =>
  parts.some((part) => "variable" in part && part.variable === variable);

function textOf(variable: string, { exchange, version }: Scope): string {
  const { headers, known } = exchange;
  switch (variable) {
    case "customer":
      return known.customer ?? "";
    case "host":
      return hostOf(headers.get(":authority") ?? ""); // as discovery means it
    case "path":
      return withoutQuery(headers.get(":path") ?? "");
    case "pool":
      return known.picked?.pool.name ?? "";
    case "region":
      return known.region ?? "";
    case "route":
      return known.route?.name ?? "";
    case "target":
      return known.picked?.order[0]?.id ?? clusterOf(exchange) ?? "";
    case "version":
      return version;
    default:
      return variableOf(variable, exchange) ?? "";
  }
}

/** The cluster that an exchange is sent to by its route, where that is no pool's. */
function clusterOf(exchange: Exchange): string | undefined {
  const { route } = exchange.known;
  if (route?.target.kind === "header") return exchange.headers.get(route.target.header); // an allowed one: policies/target.ts
  const to = route?.target.kind === "split" ? partOf(route.target, route.name, exchange) : route?.target;
  return to?.kind === "cluster" ? to.cluster : undefined;
}

/** A variable of the template of the exchange's route: the bytes of the path, not decoded; undefined where it has none. */
export function variableOf(name: string, { headers, known: { route } }: Exchange): string | undefined {
  const path = route?.match.path;
  if (path?.kind !== "template") return undefined;
  const asked = headers.get(":path") ?? "";
  return templateOf(path)?.read(asked, endOfPath(asked))?.get(name);
}

/** Each template is read once. */
const TEMPLATES = new WeakMap<PathMatch, UriTemplate>();

function templateOf(path: PathMatch & { readonly kind: "template" }): UriTemplate | undefined {
  const known = TEMPLATES.get(path);
  if (known !== undefined) return known;
  const parsed = parseTemplate(path.template);
  if ("why" in parsed) return undefined; // the parser has refused it
  TEMPLATES.set(path, parsed.template);
  return parsed.template;
}
