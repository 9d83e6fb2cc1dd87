import type { Exchange } from "./exchange.ts";
import { endOfPath, withoutQuery } from "./match/path.ts";
import { parseTemplate, type UriTemplate } from "./match/template.ts";
import type { PathMatch, Template } from "./rules.ts";

/** What variables stand for: an exchange, as far as it is known, and the version it is decided by. */
export interface Scope {
  readonly exchange: Exchange;
  readonly version: string;
}

/** The text with its variables filled in (byte string); one that has no value is nothing. Never throws. */
export function expand({ parts }: Template, scope: Scope): string {
  let text = "";
  for (const part of parts) text += "text" in part ? part.text : textOf(part.variable, scope);
  return text;
}

/** Whether this variable occurs. */
export const mentions = ({ parts }: Template, variable: string): boolean =>
  parts.some((part) => "variable" in part && part.variable === variable);

function textOf(variable: string, { exchange, version }: Scope): string {
  const { headers, known } = exchange;
  switch (variable) {
    case "customer":
      return known.customer ?? "";
    case "host":
      return headers.get(":authority") ?? "";
    case "path":
      return withoutQuery(headers.get(":path") ?? "");
    case "pool":
      return known.picked?.pool.name ?? "";
    case "region":
      return known.region ?? "";
    case "route":
      return known.route?.name ?? "";
    case "target":
      return known.picked?.order[0]?.id ?? "";
    case "version":
      return version;
    default:
      return variableOf(variable, exchange) ?? "";
  }
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
