import { createReadStream } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Environment, substitute } from "../core/parse/environment.ts";
import type { Problem } from "../core/rules.ts";
import { parseYaml, type Yaml } from "./yaml.ts";
import { type Located, locate, type Place } from "./yaml-reader.ts";

/** What a document comes to, or all that is wrong with it. Each line is `file:line:column: message`, in the order of the file. */
export type DocumentFile<T> = { readonly content: T; readonly warnings: readonly string[] } | { readonly problems: readonly string[] };

/** A reader of plain values. */
export type ParseDocument<T> = (
  document: unknown,
  folder: string,
) => { readonly content: T; readonly warnings: readonly Problem[] } | { readonly problems: readonly Problem[] };

/** Where a text comes from, for its problems and its relative paths. */
export interface Origin {
  readonly file: string; // as people know it
  readonly folder: string; // absolute
  readonly env: Environment;
}

/** Far more than 100,000 targets need. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Reads the document at `path`. What cannot be read at all is one line `path: message; remedy`. Never rejects. */
export async function readDocument<T>(path: string, env: Environment, parse: ParseDocument<T>): Promise<DocumentFile<T>> {
  const bytes = await readBytes(path);
  if ("why" in bytes) return { problems: [`${path}: ${bytes.why}`] };
  const text = decodeUtf8(bytes.content);
  if (text === undefined) return { problems: [`${path}: is not valid UTF-8; save it as UTF-8`] };
  return parseDocumentText(text, { file: path, folder: dirname(resolve(path)), env }, parse);
}

/** Reads a document as text. Never throws. */
export function parseDocumentText<T>(text: string, { file, folder, env }: Origin, parse: ParseDocument<T>): DocumentFile<T> {
  const yaml = parseYaml(text);
  const toLines = (located: readonly Located[]): readonly string[] => formatLines(file, yaml, inOrder(located));
  if (yaml.root === undefined) return { problems: toLines(yaml.problems) };
  const { document, problems: unset } = substitute(yaml.root.value, env);
  const parsed = parse(document, folder);
  const found = locateAll(yaml.root, "problems" in parsed ? allOf(unset, parsed.problems) : unset);
  const unread = new Set(yaml.problems.map(({ offset }) => offset)); // what stands there is not known either
  const problems = [...yaml.problems, ...found.filter(({ offset }) => !unread.has(offset))];
  if ("problems" in parsed || problems.length > 0) return { problems: toLines(problems) };
  return { content: parsed.content, warnings: toLines(locateAll(yaml.root, parsed.warnings)) };
}

/** What an unset variable would have meant is not known, so nothing else is said about its value. */
function allOf(unset: readonly Problem[], others: readonly Problem[]): readonly Problem[] {
  const unknown = new Set(unset.map(({ path }) => JSON.stringify(path)));
  return [...unset, ...others.filter(({ path }) => !unknown.has(JSON.stringify(path)))];
}

const locateAll = (root: Place, problems: readonly Problem[]): readonly Located[] =>
  problems.map((problem) => ({ offset: locate(root, problem), message: problem.message }));

/** By place; what an alias repeats is said once. */
function inOrder(located: readonly Located[]): readonly Located[] {
  const distinct = new Map(located.map((problem) => [`${problem.offset} ${problem.message}`, problem]));
  return [...distinct.values()].sort((a, b) => a.offset - b.offset);
}

/** Nobody reads more; a wrong file could have one for each of its lines. */
const MAX_LINES = 1_000;

function formatLines(file: string, yaml: Yaml, located: readonly Located[]): readonly string[] {
  const lines = located.slice(0, MAX_LINES).map(({ offset, message }) => `${file}:${yaml.position(offset)}: ${message}`);
  return located.length > MAX_LINES ? [...lines, `${file}: and ${located.length - MAX_LINES} more`] : lines;
}

type Bytes = { readonly content: Uint8Array } | { readonly why: string };

/** As a stream, which ends at the bound for pipes and devices too. */
async function readBytes(path: string): Promise<Bytes> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of createReadStream(path, { end: MAX_BYTES })) chunks.push(chunk);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
    return { why: UNREADABLE.get(code) ?? `cannot be read (${code})` };
  }
  const content = Buffer.concat(chunks);
  return content.length > MAX_BYTES ? { why: `is larger than ${MAX_BYTES / 1024 / 1024} MiB; is it the right file?` } : { content };
}

const UNREADABLE: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "there is no such file; write one, or name another with --config"],
  ["ENOTDIR", "there is no such file; write one, or name another with --config"],
  ["EISDIR", "is a folder; name the file in it"],
  ["EACCES", "may not be read; give this user the right to read it"],
]);

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined; // a TypeError is how TextDecoder says that the bytes are not UTF-8
  }
}
