import { toByteString } from "../bytes.ts";
import type { Template } from "../rules.ts";
import { type Parsed, refuse, value } from "./scalar.ts";

/** What every route can put into a header; the variables of its URI template come on top. */
export const BUILT_IN = ["customer", "host", "path", "pool", "region", "route", "target", "version"] as const;

/** Reads the value of a header, `{name}` in it being a variable and `{{`, `}}` plain braces. RFC 9110 §5.5. */
export function parseHeaderValue(text: string): Parsed<Template> {
  if (!text.isWellFormed()) return refuse(text, "holds half a surrogate pair; write valid text");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what no header may hold
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(text)) return refuse(text, "holds a control character, and no header can");
  if (text.length > MAX_LENGTH) return refuse(text, `is longer than ${MAX_LENGTH} characters`);
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
const MAX_LENGTH = 1024;
