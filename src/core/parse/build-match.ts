import type { HeaderMatch, PathMatch, QueryMatch, RouteMatch, TextMatch } from "../route-rules.ts";
import type { RouteShape } from "./shape-route.ts";

type MatchShape = RouteShape["match"];

/** What a route matches, from a document that has no problems. */
export function buildMatch(written: MatchShape): RouteMatch {
  return {
    path: buildPath(written),
    methods: [...new Set(written.methods ?? [])],
    headers: written.headers.map(buildHeader),
    query: written.query.map(buildQuery),
    basisPoints: written.percent,
  };
}

function buildPath({ path, prefix, path_separated_prefix: segments, regex, template }: MatchShape): PathMatch {
  if (path !== undefined) return { kind: "exact", path };
  if (segments !== undefined) return { kind: "segments", prefix: segments };
  if (regex !== undefined) return { kind: "regex", regex };
  return template === undefined ? { kind: "prefix", prefix: prefix ?? "/" } : { kind: "template", template };
}

function buildHeader({ name, invert, range, ...written }: MatchShape["headers"][number]): HeaderMatch {
  const test = range === undefined ? buildText(written) : ({ kind: "range", from: range.start, to: range.end } as const);
  return { name, test: test ?? { kind: "present" }, isInverted: invert };
}

const buildQuery = ({ name, ...written }: MatchShape["query"][number]): QueryMatch => ({
  name,
  test: buildText(written) ?? { kind: "present" },
});

type TextShape = Omit<MatchShape["query"][number], "name">;

/** Undefined where being there is enough. */
function buildText({ exact, prefix, suffix, contains, regex }: TextShape): TextMatch | undefined {
  if (exact !== undefined) return { kind: "exact", text: exact };
  if (prefix !== undefined) return { kind: "prefix", text: prefix };
  if (suffix !== undefined) return { kind: "suffix", text: suffix };
  if (contains !== undefined) return { kind: "contains", text: contains };
  return regex === undefined ? undefined : { kind: "regex", regex };
}
