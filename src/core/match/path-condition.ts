import type { PathMatch } from "../route-rules.ts";
import type { Asked } from "./asked.ts";
import { type Condition, shown } from "./condition.ts";
import { hasAt } from "./path.ts";
import type { RegexGroups } from "./regex-group.ts";
import { parseTemplate, type UriTemplate } from "./template.ts";
import { mustCompile } from "./text.ts";
import { type Opening, SEGMENT } from "./tree-builder.ts";

/** The condition of a route's path, and how the paths begin for which it can hold. */
export interface PathCondition extends Condition {
  readonly openings: readonly Opening[]; // of which a path has one at the most
  readonly isOpening: boolean; // it holds for all paths that begin so, and need not be asked
}

/** The condition that a path match asks for. Envoy, RouteMatch of config.route.v3. */
export function createPathCondition(match: PathMatch, groups: RegexGroups): PathCondition {
  switch (match.kind) {
    case "exact":
      return exact(match.path);
    case "prefix":
      return prefix(match.prefix);
    case "segments":
      return segments(match.prefix);
    case "regex":
      return regex(match.regex, groups);
    case "template":
      return template(match.template);
  }
}

const exact = (text: string): PathCondition => ({
  openings: [{ parts: [text], isAll: true }],
  isOpening: true,
  holds: ({ path, end }) => end === text.length && hasAt(path, text, 0, end),
  why: not(`is not ${shown(text)}`),
});

const prefix = (text: string): PathCondition => ({
  openings: [{ parts: [text], isAll: false }],
  isOpening: true,
  holds: ({ path, end }) => hasAt(path, text, 0, end),
  why: not(`does not begin with ${shown(text)}`),
});

const segments = (text: string): PathCondition => ({
  openings: [
    { parts: [text], isAll: true },
    { parts: [`${text}/`], isAll: false },
  ],
  isOpening: true,
  holds: ({ path, end }) => hasAt(path, text, 0, end) && (end === text.length || path.charCodeAt(text.length) === SLASH),
  why: not(`is neither ${shown(text)} nor below it`),
});

function regex(source: string, groups: RegexGroups): PathCondition {
  const compiled = mustCompile(source);
  const group = groups.join(compiled);
  const number = group.add(compiled);
  return {
    openings: [{ parts: [compiled.prefix], isAll: false }],
    isOpening: false,
    holds: (asked) => group.matches(number, asked),
    why: not(`does not match ${source}`),
  };
}

function template(source: string): PathCondition {
  const parsed = parseTemplate(source);
  if ("why" in parsed) throw new Error(`template ${source}: ${parsed.why}`); // the parser has refused it
  return {
    openings: [openingOf(parsed.template)],
    isOpening: openingOf(parsed.template).isAll,
    holds: ({ path, end }) => parsed.template.matches(path, end),
    why: not(`does not match ${source}`),
  };
}

/** Literal text and whole segments, up to what takes more than one segment or less than one. */
function openingOf({ tokens }: UriTemplate): Opening {
  const certain = tokens.findIndex((token) => token.kind === "rest" || (token.kind === "segment" && token.tail > 0));
  const parts = (certain < 0 ? tokens : tokens.slice(0, certain)).map((token) => (token.kind === "literal" ? token.text : SEGMENT));
  return { parts, isAll: certain < 0 };
}

const not =
  (what: string): Condition["why"] =>
  ({ bare }: Asked) =>
    `path ${shown(bare)} ${what}`;

const SLASH = 0x2f;
