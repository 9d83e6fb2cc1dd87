import type { Address } from "../rules.ts";

const MARK = "\ue000"; // private use: in no template
const MARKED = new RegExp(`${MARK}(\\d+)${MARK}`, "g");

/**
 * A template of YAML, to be written at the column of the code around it. A value of several lines keeps the column of its
 * line, and a line that holds only an empty value disappears. Values are YAML already: names go through `quote`.
 */
export function yaml(parts: TemplateStringsArray, ...values: readonly string[]): string {
  const lines = parts
    .map((part, i) => (i < values.length ? `${part}${MARK}${i}${MARK}` : part))
    .join("")
    .split("\n")
    .slice(1, -1); // the backticks stand on lines of their own
  const margin = Math.min(...lines.filter((line) => line.trim() !== "").map(columnOf));
  return lines.flatMap((line) => fill(line.slice(margin), values)).join("\n");
}

function fill(line: string, values: readonly string[]): readonly string[] {
  const column = " ".repeat(columnOf(line));
  const text = line.replace(MARKED, (_, i: string) => values[Number(i)]?.replace(/\n(?!\n)/g, `\n${column}`) ?? "");
  return line.trim() !== "" && text.trim() === "" ? [] : [text];
}

const columnOf = (line: string): number => line.length - line.trimStart().length;

const PLAIN = /^[a-z/][\w./-]*$|^\d+\.\d+\.\d+\.\d+$/i;
const WORD = /^(true|false|yes|no|on|off|y|n|null|e[0-9_]+)$/i; // not text to every reader of YAML 1.1, as Envoy's is

/** Any text as a YAML string, in one line: bare where no reader can take it for anything else, else in JSON's quotes. */
export function quote(text: string): string {
  if (PLAIN.test(text) && !WORD.test(text)) return text;
  // JSON leaves DEL, C1 controls and Unicode's line ends as they are; YAML takes some of them for a line end.
  return JSON.stringify(text).replace(/[\x7f-\x9f\u2028\u2029\ufeff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Milliseconds as Envoy writes durations: `0.5s`. */
export const seconds = (ms: number): string => `${ms / 1000}s`;

/** An address as Envoy's `core.v3.Address`, on one line. */
export const address = (where: Address): string =>
  where.kind === "unix"
    ? `{ pipe: { path: ${quote(where.path)} } }`
    : `{ socket_address: { address: ${quote(where.host)}, port_value: ${where.port} } }`;
