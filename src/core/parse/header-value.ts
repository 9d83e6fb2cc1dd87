import { toByteString } from "../bytes.ts";
import type { Template } from "../route-rules.ts";
import { hasControl } from "../template.ts";
import { type Parsed, refuse, value } from "./scalar.ts";

/** What every route can put into a header; the variables of its URI template come on top. */
export const BUILT_IN = ["customer", "host", "path", "pool", "region", "route", "target", "version"] as const;

/** Reads the value of a header, `{name}` in it being a variable and `{{`, `}}` plain braces. RFC 9110 §5.5. */
export function parseHeaderValue(text: string): Parsed<Template> {
  if (!text.isWellFormed()) return refuse(text, "holds half a surrogate pair; write valid text");
  if (hasControl(text)) return refuse(text, "holds a control character, and no header can; leave it out");
  if (text.trim() !== text) return refuse(text, "begins or ends with a space, which no header keeps; leave it out");
  if (toByteString(text).length > MAX_BYTES) return refuse(text, `has more than ${MAX_BYTES} bytes; shorten it`);
  const parts: Template["parts"][number][] = [];
  let literal = "";
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === "{{" || token === "}}") literal += token[0];
    else if (token === "{" || token === "}")
      return refuse(text, `has a lone ${token}; write {name} for a variable, ${token}${token} for a brace`);
    else if (token.startsWith("{")) {
      if (literal !== "") parts.push({ text: toByteString(literal) });
      literal = "";
      parts.push({ variable: token.slice(1, -1) });
    } else literal += token;
  }
  if (literal !== "") parts.push({ text: toByteString(literal) });
  return value({ parts });
}

const TOKENS = /\{\{|\}\}|\{[A-Za-z_][A-Za-z0-9_]*\}|[{}]|[^{}]+/g;

/** Sixty of these fill what Envoy lets through. */
const MAX_BYTES = 1024;

/** Reads the path of a redirect: as the value of a header, from its first slash to where a query would begin. */
export function parseRedirectPath(text: string): Parsed<Template> {
  const parsed = parseHeaderValue(text);
  if ("why" in parsed) return parsed;
  if (!text.startsWith("/") && !text.startsWith("{path}")) return refuse(text, "is not a path; begin it with / or {path}");
  const isLong = parsed.value.parts.some((part) => "text" in part && /[?#]/.test(part.text));
  return isLong ? refuse(text, "reaches into the query, which a redirect keeps or strips; end it before ? and #") : parsed;
}
