import type { TextMatch } from "../route-rules.ts";
import { shown, type TextTest } from "./condition.ts";
import { compileRegex, type Regex } from "./regex.ts";

/** The test that a text match asks for. */
export function createTextTest(match: TextMatch): TextTest {
  if (match.kind === "regex") return regexTest(mustCompile(match.regex));
  return TESTS[match.kind](match.text);
}

const TESTS: { readonly [K in Exclude<TextMatch["kind"], "regex">]: (wanted: string) => TextTest } = {
  exact: (wanted) => ({ passes: (text) => text === wanted, yes: `is ${shown(wanted)}`, no: `is not ${shown(wanted)}` }),
  prefix: (wanted) => said((text) => text.startsWith(wanted), "begin", `with ${shown(wanted)}`),
  suffix: (wanted) => said((text) => text.endsWith(wanted), "end", `with ${shown(wanted)}`),
  contains: (wanted) => said((text) => text.includes(wanted), "contain", shown(wanted)),
};

const regexTest = (regex: Regex): TextTest => said((text) => regex.matches(text), "match", regex.source, "matches");

const said = (passes: TextTest["passes"], verb: string, object: string, third = `${verb}s`): TextTest => ({
  passes,
  yes: `${third} ${object}`,
  no: `does not ${verb} ${object}`,
});

/** A regex of the rules; the parser has refused those that are none, so a bad one is a bug. */
export function mustCompile(source: string): Regex {
  const compiled = compileRegex(source);
  if ("why" in compiled) throw new Error(`regex ${source}: ${compiled.why}`);
  return compiled.regex;
}
