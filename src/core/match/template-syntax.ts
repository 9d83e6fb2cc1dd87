/** One piece of a template. */
export type Token =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "segment"; readonly tail: number } // at least one character, up to so many before the segment's end
  | { readonly kind: "rest"; readonly tail: number }; // up to so many characters before the path's end

/** A variable, and the tokens it stands for. */
export interface Variable {
  readonly name: string;
  readonly from: number;
  readonly to: number; // the first behind it
}

interface Parsed {
  readonly tokens: readonly Token[];
  readonly variables: readonly Variable[];
}

/**
 * Reads a template by the rules of Envoy 1.40, names and limits included (source/extensions/path/uri_template_lib), so that
 * none that Envoy refuses passes. One that Envoy takes is refused: a star in literal text, which Envoy, against its own
 * documents, takes for the regex operator. Never throws.
 */
export function parseTokens(text: string): Parsed | { readonly why: string } {
  try {
    return new Reader(text).read();
  } catch (cause) {
    if (cause instanceof Wrong) return { why: cause.message };
    throw cause;
  }
}

/** A template is no template; the message is one line. It does not leave this file. */
class Wrong extends Error {}

const MAX_LENGTH = 256;
const MAX_VARIABLES = 5;
const MAX_NAME = 16;

type Piece = { kind: "literal"; text: string } | { kind: "segment" } | { kind: "rest" };

class Reader {
  readonly #text: string;
  readonly #pieces: Piece[] = [];
  readonly #variables: Variable[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Parsed {
    if (this.#text.length > MAX_LENGTH) throw new Wrong(`a template has at most ${MAX_LENGTH} characters, not ${this.#text.length}`);
    if (!/^\/[!-~]*$/.test(this.#text))
      throw new Wrong("a template begins with / and has visible ASCII characters alone: encode others as %XX");
    while (this.#at < this.#text.length) {
      this.#literal("/");
      this.#at++;
      if (this.#at === this.#text.length) break; // "/" alone, or a slash at the end
      this.#segment();
    }
    this.#check();
    return { tokens: this.#tokens(), variables: this.#variables };
  }

  #next(): string | undefined {
    return this.#text[this.#at];
  }

  /** `*` or `**`; or literal text, a variable, or both. */
  #segment(): void {
    if (this.#next() === "*") {
      this.#item(this.#text.length);
      if (this.#next() !== undefined && this.#next() !== "/") this.#suffix();
      return;
    }
    const start = this.#at;
    if (this.#next() !== "{") this.#upTo(this.#endOfLiteral());
    if (this.#next() !== "{") return;
    const isFirst = this.#at === start;
    const name = this.#variable();
    if (!isFirst && this.#text.slice(start, this.#at).includes("/"))
      throw new Wrong(`{${name}} is of several segments, so nothing can stand before it in its first`);
    if (this.#next() !== undefined && this.#next() !== "/") this.#upTo(this.#endOfLiteral());
    if (this.#next() === "{") throw new Wrong("two variables are in one segment: where does the first end?");
  }

  /** Of literal text that begins here: the next slash, variable, or end. */
  #endOfLiteral(): number {
    const length = this.#text.slice(this.#at).search(/[/{]/);
    return length < 0 ? this.#text.length : this.#at + length;
  }

  /** In a variable, or by itself: `**`, `*`, or literal text up to the next slash or `end`. */
  #item(end: number): void {
    if (this.#text.startsWith("**", this.#at)) this.#operator("rest", 2);
    else if (this.#next() === "*") this.#operator("segment", 1);
    else {
      const slash = this.#text.indexOf("/", this.#at);
      this.#upTo(slash < 0 || slash > end ? end : slash);
    }
  }

  #upTo(stop: number): void {
    this.#literal(checkLiteral(this.#text.slice(this.#at, stop)));
    this.#at = stop;
  }

  /** `{name}` or `{name=pattern}`. Returns the name. */
  #variable(): string {
    const close = this.#text.indexOf("}", this.#at);
    if (close < 0) throw new Wrong("a { has no }");
    const equals = this.#text.indexOf("=", this.#at);
    const hasPattern = equals >= 0 && equals < close;
    const name = this.#text.slice(this.#at + 1, hasPattern ? equals : close);
    this.#checkName(name);
    const from = this.#pieces.length;
    if (hasPattern) {
      this.#at = equals + 1;
      if (this.#at === close) throw new Wrong(`{${name}=} says no pattern: write {${name}}, or {${name}=**}`);
      this.#pattern(close);
    } else this.#pieces.push({ kind: "segment" });
    this.#variables.push({ name, from, to: this.#pieces.length });
    this.#at = close + 1;
    return name;
  }

  /** What a variable matches, up to its `}`. */
  #pattern(close: number): void {
    for (;;) {
      this.#item(close);
      if (this.#at === close) return;
      if (this.#next() !== "/" || this.#at + 1 === close)
        throw new Wrong("inside of a variable, * and ** are whole segments and no / comes last");
      this.#literal("/");
      this.#at++;
    }
  }

  /** Literal text right behind a star: it has to be the last. */
  #suffix(): void {
    const text = this.#text.slice(this.#at);
    if (text.includes("/"))
      throw new Wrong(`* and ** are whole segments but for the last one, and "${text}" follows: name it, as in {x}.json`);
    this.#upTo(this.#text.length);
  }

  #operator(kind: "segment" | "rest", length: number): void {
    this.#pieces.push({ kind });
    this.#at += length;
  }

  #literal(text: string): void {
    this.#pieces.push({ kind: "literal", text });
  }

  #checkName(name: string): void {
    if (!/^[a-zA-Z][a-zA-Z0-9_]*$/.test(name))
      throw new Wrong(`"${name}" is no name of a variable: use letters, digits and _, a letter first`);
    if (name.length > MAX_NAME) throw new Wrong(`the name ${name} is longer than ${MAX_NAME} characters`);
    if (this.#variables.some((other) => other.name === name)) throw new Wrong(`two variables are called ${name}`);
    if (this.#variables.length === MAX_VARIABLES) throw new Wrong(`a template has at most ${MAX_VARIABLES} variables`);
  }

  #check(): void {
    const rest = this.#pieces.findIndex(({ kind }) => kind === "rest");
    if (rest >= 0 && this.#pieces.slice(rest + 1).some(({ kind }) => kind !== "literal")) {
      throw new Wrong("** takes all that is left: no *, ** or variable can follow it");
    }
  }

  /** The pieces, each knowing how much literal text has to follow it. */
  #tokens(): readonly Token[] {
    return this.#pieces.map((piece, place): Token => {
      if (piece.kind === "literal") return piece;
      const text = this.#pieces
        .slice(place + 1)
        .map((other) => (other.kind === "literal" ? other.text : "*"))
        .join("");
      return { kind: piece.kind, tail: piece.kind === "rest" ? text.length : text.search(/\/|$/) };
    });
  }
}

function checkLiteral(text: string): string {
  if (text === "") throw new Wrong("// in a template matches nothing: a segment has at least one character");
  const wrong = [...text].find((char) => char === "*" || !isSegmentChar(char.charCodeAt(0)));
  if (wrong === "*") throw new Wrong(`a * stands for a whole segment, not for a part of "${text}": use a variable, as in /a{x}`);
  if (wrong !== undefined) throw new Wrong(`"${wrong}" cannot stand in the segment "${text}": encode it as %XX`);
  return text;
}

/** RFC 3986's pchar: what `*` takes. Literal text is made of the same without the star. */
export const isSegmentChar = (code: number): boolean => LEGAL[code] === 1;

/** What `**` takes. */
export const isGlobChar = (code: number): boolean => LEGAL[code] === 1 || code === 0x2f;

const LEGAL = new Uint8Array(256);
for (const char of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%!$&'()*+,;=:@") LEGAL[char.charCodeAt(0)] = 1;
