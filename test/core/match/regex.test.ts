import fc from "fast-check";
import { RE2JS } from "re2js";
import { describe, expect, test } from "vitest";
import { compileRegex, MAX_REGEX_LENGTH, type Regex } from "../../../src/core/match/regex.ts";
import { growth } from "../../support/growth.ts";
import { REGEXES } from "../../support/routes/words.ts";

function regexOf(text: string): Regex {
  const compiled = compileRegex(text);
  if ("why" in compiled) throw new Error(compiled.why);
  return compiled.regex;
}

test.each([
  ["all of the text", "/a", "/ab", false],
  ["all of the text, from its start", "a", "/a", false],
  ["any of its alternatives", "/a|/b", "/b", true],
  ["without regard to case where it says so", "(?i)/A", "/a", true],
  ["a character beyond ASCII, as its bytes", "/é", "/\xc3\xa9", true],
  ["one byte by a dot", "/.", "/\xe9", true],
  ["not a character of two bytes by a dot", "/.", "/\xc3\xa9", false],
  ["a byte of a class", "/[é]", "/\xa9", true],
  ["bytes that are no UTF-8", "/.*", "/\xff\x80", true],
  ["a newline only by (?s)", "/.", "/\n", false],
  ["nothing", "", "", true],
])("a regex matches %s", (_, regex, text, expected) => {
  expect(regexOf(regex).matches(text)).toBe(expected);
});

test.each([
  ["/a(", "no regex in RE2's syntax: missing closing ): `/a(`; a literal bracket is written \\[ or \\("],
  ["*a", "no regex in RE2's syntax: missing argument to repetition operator: `*`; a literal *, + or ? is written \\*, \\+ or \\?"],
  ["/(?=a)", "no regex in RE2's syntax: invalid or unsupported Perl syntax: `(?=`; RE2 has no look-around: match it by an earlier route"],
  ["/(?<!a)b", "no regex in RE2's syntax: invalid named capture: `(?<!a)b`; RE2 has no look-around: match it by an earlier route"],
  ["(a)\\1", "no regex in RE2's syntax: invalid escape sequence: `\\1`; RE2 has no back references"],
  ["a{1001}", "no regex in RE2's syntax: invalid repeat count: `{1001}`; a count is at most 1000"],
  ["[é-a]", "no regex in RE2's syntax: invalid character class range: `\\xa9-a`"],
  ["a".repeat(1025), "a regex has at most 1024 characters, not 1025: split the route"],
  ["(ab){1000}", "the regex becomes 4002 instructions, of at most 1200: use smaller repeats like {1,20}, or + or *"],
])("%s is refused with the reason and the remedy", (text, why) => {
  expect(compileRegex(text)).toEqual({ why });
});

test("a regex may be as long as is promised", () => {
  expect(compileRegex("a".repeat(MAX_REGEX_LENGTH))).toHaveProperty("regex");
});

describe("the text with which all matches begin", () => {
  test.each([
    ["/api/v[0-9]+", "/api/v"],
    ["^/api/.*$", "/api/"],
    ["\\Q/a.b\\E.*", "/a.b"],
    ["/é.*", "/\xc3\xa9"],
    ["/foo*", "/fo"],
    ["/foo?", "/fo"],
    ["/fo{0}x", "/fx"],
    ["(?i)/abc", "/"],
    ["/a(?i)b", "/a"],
    ["/a|/b", "/"],
    ["/api|/apx", "/ap"],
    ["^/a|^/b", ""],
    ["^/a|b", ""],
    ["(/a)+b", "/a"],
    ["(/a)*b", ""],
    [".*", ""],
    ["^*/a", ""],
  ])("of %s is %s", (regex, prefix) => {
    expect(regexOf(regex).prefix).toBe(prefix);
  });

  const letters = fc.constantFrom("a", "b", "/", "é", "x", "1", "A", "i");
  const pieces = fc.constantFrom(
    "a",
    "b",
    "/",
    "é",
    "|",
    "(",
    ")",
    "*",
    "?",
    "+",
    "^",
    "$",
    "(?i)",
    "(?i:a)",
    "(?:b|a)",
    "[ab]",
    ".",
    "{0}",
    "{1,2}",
    "\\b",
    "\\Qa\\E",
  );
  const regexes = fc.oneof(
    fc.constantFrom(...REGEXES),
    fc.array(pieces, { maxLength: 8, size: "max" }).map((all) => all.join("")),
  );
  const texts = fc.array(
    fc.array(letters, { maxLength: 6, size: "max" }).map((all) => Buffer.from(all.join("")).toString("latin1")),
    { minLength: 30, maxLength: 60, size: "max" },
  );
  test("stands at the start of everything that matches", () => {
    fc.assert(
      fc.property(regexes, texts, (text, all) => {
        const compiled = compileRegex(text);
        if ("why" in compiled) return;
        for (const one of all)
          if (compiled.regex.matches(one)) expect(one.startsWith(compiled.regex.prefix), `${text} on ${one}`).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe("no regex takes time that grows with more than the text", () => {
  test.each([
    ["(a*)*b", "a"],
    ["(a|aa)+$", "a"],
    ["((a*)*)*b", "a"],
    ["(a?){30}a{30}b", "a"],
    ["(.*a){12}b", "a"],
    ["(x+x+)+y", "x"],
    ["([a-z]+)*[0-9]", "q"],
    [".*.*.*=.*", "a"],
    ["(\\w+\\b ?)*!", "ab "],
    ["(?:a|b)*a(?:a|b){9}", "ab"],
  ])("%s", (text, unit) => {
    const regex = regexOf(text);
    const long = new Map([16, 64].map((kib) => [kib, `${unit.repeat((kib * 1024) / unit.length)}!`]));
    expect(growth((size) => regex.matches(long.get(size) ?? ""), 16)).toBeLessThan(8);
  });

  test("memory has its bound: what a regex remembers of hostile texts is forgotten", () => {
    const hostile = "(?:a|b)*a(?:a|b){14}"; // a state machine of 2^15 states
    const regex = regexOf(hostile);
    const unbounded = RE2JS.compile(hostile);
    const bits = fc.sample(fc.boolean(), { numRuns: 4 * 1024 });
    const text = bits.map((bit) => (bit ? "a" : "b")).join("");
    expect(regex.matches(text)).toBe(unbounded.testExact(text));
    expect(regex.memoryBytes).toBeGreaterThan(0);
    expect(regex.memoryBytes).toBeLessThanOrEqual(128 * 1024);
  });
});
