import { RE2JS, RE2JSException, RE2Set } from "re2js";
import { toByteString, toDisplay } from "../bytes.ts";

/** The longest regex, in characters. */
export const MAX_REGEX_LENGTH = 1_024;

/** The largest compiled one, in instructions: a text of the length above has about as many, repeats may ask for more. */
export const MAX_REGEX_SIZE = 1_200;

/** What one regex may remember of the texts it has seen, to be fast; beyond it forgets. re2js would take 8 MiB. */
const MEMORY_BYTES = 128 * 1024;

/**
 * An RE2 regex that has to match all of a text, in time that grows with the text's length alone. Both are bytes: `.` is one
 * byte, and é stands for the two it is in UTF-8, as in Envoy since 1.40 (envoy.reloadable_features.re2_use_latin1_mode).
 */
export class Regex {
  readonly source: string;
  /** Every text that matches begins with this; byte string. */
  readonly prefix: string;
  readonly size: number; // compiled, in instructions
  readonly #compiled: RE2JS;

  constructor(source: string, compiled: RE2JS) {
    this.source = source;
    this.size = compiled.programSize();
    this.prefix = literalPrefix(source, compiled);
    this.#compiled = compiled;
  }

  /** What it remembers of the texts it has seen, as re2js counts it. */
  get memoryBytes(): number {
    const { dfa } = this.#compiled.re2();
    return dfa.stateBudget - dfa.memBudget;
  }

  /** Whether it matches all of this byte string. */
  matches(bytes: string): boolean {
    return this.#compiled.testExact(bytes);
  }
}

/** A regex in RE2's syntax as written in YAML, or in one line why it is none. Never throws. */
export function compileRegex(text: string): { readonly regex: Regex } | { readonly why: string } {
  if (text.length > MAX_REGEX_LENGTH)
    return { why: `a regex has at most ${MAX_REGEX_LENGTH} characters, not ${text.length}: split the route` };
  const compiled = compile(text);
  if (!(compiled instanceof RE2JS)) return compiled;
  const regex = new Regex(text, compiled);
  if (regex.size > MAX_REGEX_SIZE) {
    return {
      why: `the regex becomes ${regex.size} instructions, of at most ${MAX_REGEX_SIZE}: use smaller repeats like {1,20}, or + or *`,
    };
  }
  const { dfa } = compiled.re2();
  dfa.stateBudget = MEMORY_BYTES;
  dfa.memBudget = MEMORY_BYTES;
  return { regex };
}

/** Several regexes, of which one reading of a text tells all that match: at the cost of one, not of each. */
export class RegexSet {
  readonly #set = new RE2Set(RE2Set.ANCHOR_BOTH, 0, MEMORY_BYTES);

  /** At most MAX_SET of them. */
  constructor(regexes: readonly Regex[]) {
    for (const { source } of regexes) this.#set.add(toByteString(source));
    this.#set.compile();
  }

  /** A bit for each that matches all of this byte string, the first one's the lowest. */
  match(bytes: string): number {
    let bits = 0;
    for (const index of this.#set.match(bytes)) bits |= 1 << index;
    return bits;
  }
}

/** How many regexes a set has at the most: to compile so many takes about a millisecond. */
export const MAX_SET = 16;

function compile(text: string): RE2JS | { readonly why: string } {
  try {
    return RE2JS.compile(toByteString(text));
  } catch (cause) {
    if (!(cause instanceof RE2JSException)) throw cause;
    return { why: `no regex in RE2's syntax: ${reasonOf(cause)}` };
  }
}

/** re2js' words, and what to do about those that are met most. */
function reasonOf(cause: RE2JSException): string {
  const said = toDisplay(cause.message.replace(/^error parsing regexp: /, ""));
  const remedy = REMEDIES.find(({ sign }) => sign.test(said))?.remedy;
  return remedy === undefined ? said : `${said}; ${remedy}`;
}

const REMEDIES: readonly { readonly sign: RegExp; readonly remedy: string }[] = [
  { sign: /\(\?[=!<]/, remedy: "RE2 has no look-around: match it by an earlier route" },
  { sign: /missing argument to repetition/, remedy: "a literal *, + or ? is written \\*, \\+ or \\?" },
  { sign: /missing closing|unexpected \)/, remedy: "a literal bracket is written \\[ or \\(" },
  { sign: /invalid escape sequence.*\\[1-9]/, remedy: "RE2 has no back references" },
  { sign: /repeat count/, remedy: "a count is at most 1000" },
];

/** What re2js found out; it stops at `^`, which a match of all of the text does not need. Without it more texts match, none fewer. */
function literalPrefix(source: string, compiled: RE2JS): string {
  const anchored = /^\^+/.exec(source)?.[0];
  const freed = anchored === undefined ? compiled : compile(source.slice(anchored.length));
  return freed instanceof RE2JS ? String(freed.re2().prefix) : "";
}
