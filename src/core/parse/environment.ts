import type { Problem } from "../rules.ts";
import { children, type Path, subject } from "./find.ts";
import { show } from "./scalar.ts";

/** Environment variables, given by the caller. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Puts environment variables in the place of `${NAME}` in string values; keys stay as they are, and `$${` is a plain `${`.
 * An unset variable is a problem and stays as written. Never throws.
 */
export function substitute(document: unknown, env: Environment): { readonly document: unknown; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const report = (path: Path, message: string): void => void problems.push({ path, message: `${subject(path)}: ${message}` });
  return { document: replaceAll(document, [], (text, path) => replace(text, env, (message) => report(path, message))), problems };
}

/** No key of the document lies deeper; what does is refused as unknown, and a stack has an end. */
const MAX_DEPTH = 32;

function replaceAll(value: unknown, path: Path, change: (text: string, path: Path) => string): unknown {
  if (typeof value === "string") return change(value, path);
  if (typeof value !== "object" || value === null || path.length > MAX_DEPTH) return value;
  const entries = children(value).map(([key, child]) => [key, replaceAll(child, [...path, key], change)] as const);
  // fromEntries defines properties, so a key `__proto__` stays a key.
  return Array.isArray(value) ? entries.map(([, child]) => child) : Object.fromEntries(entries);
}

function replace(text: string, env: Environment, report: (message: string) => void): string {
  return text.replace(/\$\$\{|\$\{([^}]*)(\}?)/g, (written, name: string | undefined, end: string) => {
    if (name === undefined) return "${";
    if (end === "" || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      report(`${show(written)} names no variable; write \${NAME}, or $\${ for a plain \${`);
      return written;
    }
    const found = Object.hasOwn(env, name) ? env[name] : undefined;
    if (found === undefined) report(`the environment variable ${name} is not set; set it, or write $\${ for a plain \${`);
    return found ?? written;
  });
}
