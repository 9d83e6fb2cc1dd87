import { type Document, LineCounter, parseDocument, type YAMLError } from "yaml";
import { type Located, type Place, YamlReader } from "./yaml-reader.ts";

/** One document as plain values, with their places; `root` is undefined when it is not fit to be read further. */
export interface Yaml {
  readonly root: Place | undefined;
  readonly problems: readonly Located[];
  /** `line:column` of an offset, both from 1. */
  position(offset: number): string;
}

/** Reads one document of YAML 1.2 (core schema) without what only YAML has: tags, and keys that are no text. Never throws. */
export function parseYaml(text: string): Yaml {
  const lines = new LineCounter();
  const position = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${Math.max(line, 1)}:${Math.max(col, 1)}`; // an empty text has no lines
  };
  return { ...read(text, lines, position), position };
}

function read(text: string, lineCounter: LineCounter, position: Yaml["position"]): Omit<Yaml, "position"> {
  const document = parseText(text, lineCounter);
  if (document instanceof Error) return { root: undefined, problems: [{ offset: 0, message: unreadable(document) }] };
  const errors = document.errors.filter((error, i) => i === 0 || error.code !== "UNEXPECTED_TOKEN"); // else what the one before led to
  const said = [...errors, ...document.warnings].map((error) => ({ offset: error.pos[0], message: describe(error) }));
  if (document.errors.length > 0) return { root: undefined, problems: onlyCause(said) };
  const reader = new YamlReader(position);
  const root = reader.read(document.contents);
  return { root, problems: [...said, ...reader.problems] };
}

function parseText(text: string, lineCounter: LineCounter): Document.Parsed | Error {
  try {
    // uniqueKeys: the library would compare each key with all before it; the reader finds duplicates in one pass.
    return parseDocument(text, { lineCounter, schema: "core", resolveKnownTags: false, prettyErrors: false, uniqueKeys: false });
  } catch (cause) {
    return cause instanceof Error ? cause : new Error(String(cause)); // a RangeError: nested deeper than the stack
  }
}

/** Words for the library's codes where its own do not say what to do. */
const SYNTAX: ReadonlyMap<string, string> = new Map([
  ["MULTIPLE_DOCS", "a second document begins here; one file holds one document"],
  ["TAB_AS_INDENT", "a tab cannot indent; use spaces"],
  ["TAG_RESOLVE_FAILED", "tags (!…) have no meaning here; remove it"],
]);

const TOO_DEEP = "nested too deeply to be read";

/** Where the library's stack ends it goes on, and misunderstands what follows. */
function onlyCause(problems: readonly Located[]): readonly Located[] {
  const deep = problems.find(({ message }) => message === TOO_DEEP);
  return deep ? [deep] : problems;
}

const describe = (error: YAMLError): string => SYNTAX.get(error.code) ?? unreadable(error);

/** In the library's words, on one line; that its stack ended it says in several ways, none of use to an operator. */
const unreadable = ({ message }: Error): string =>
  /stack/i.test(message) ? TOO_DEEP : `cannot be read as YAML: ${message.replace(/\s+/g, " ").trim()}`;
