import { hasAt } from "./path.ts";
import { isGlobChar, isSegmentChar, parseTokens, type Token, type Variable } from "./template-syntax.ts";

/**
 * Envoy's URI template (envoy.path.match.uri_template): `*` is one segment, `**` any text of path characters, `{name}`,
 * `{name=*}`, `{name=**}` and `{name=a/*}` are the same with names, and may stand
 * beside literal text in a segment. It has to match all of the path.
 */
export class UriTemplate {
  readonly source: string;
  readonly tokens: readonly Token[];
  readonly #variables: readonly Variable[];

  constructor(source: string, tokens: readonly Token[], variables: readonly Variable[]) {
    this.source = source;
    this.tokens = tokens;
    this.#variables = variables;
  }

  get variables(): readonly string[] {
    return this.#variables.map(({ name }) => name);
  }

  /** Whether it matches the first `end` bytes of this path. */
  matches(path: string, end: number): boolean {
    return this.#walk(path, end);
  }

  /** What each variable stands for in the first `end` bytes of this path, as it is there; undefined when it does not match. */
  read(path: string, end: number): ReadonlyMap<string, string> | undefined {
    const ends: number[] = []; // of each token
    if (!this.#walk(path, end, ends)) return undefined;
    const startOf = (token: number): number => (token === 0 ? 0 : (ends[token - 1] ?? 0));
    return new Map(this.#variables.map(({ name, from, to }) => [name, path.slice(startOf(from), startOf(to))]));
  }

  /**
   * No token leaves a choice: one for a segment ends where its segment does, but for the literal text that follows in it, and
   * behind one for the rest all is literal. So this is linear, and what it finds is what RE2 would.
   */
  #walk(path: string, end: number, ends?: number[]): boolean {
    let at = 0;
    for (const token of this.tokens) {
      if (token.kind === "literal") {
        if (!hasAt(path, token.text, at, end)) return false;
        at += token.text.length;
      } else if (token.kind === "segment") {
        const stop = endOfSegment(path, at, end) - token.tail;
        if (stop <= at) return false;
        at = stop;
      } else {
        const stop = end - token.tail;
        if (stop < at || !isGlob(path, at, stop)) return false;
        at = stop;
      }
      ends?.push(at);
    }
    return at === end;
  }
}

/** Where the segment of path characters that begins at `at` ends. */
export function endOfSegment(path: string, at: number, end: number): number {
  let stop = at;
  while (stop < end && isSegmentChar(path.charCodeAt(stop))) stop++;
  return stop;
}

function isGlob(path: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (!isGlobChar(path.charCodeAt(i))) return false;
  return true;
}

/** A template as written, or in one line why it is none. Never throws. */
export function parseTemplate(text: string): { readonly template: UriTemplate } | { readonly why: string } {
  const parsed = parseTokens(text);
  return "why" in parsed ? parsed : { template: new UriTemplate(text, parsed.tokens, parsed.variables) };
}
