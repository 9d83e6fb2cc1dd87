import fc from "fast-check";
import { RE2JS } from "re2js";
import { describe, expect, test } from "vitest";
import { endOfPath } from "../../../src/core/match/path.ts";
import { parseTemplate, type UriTemplate } from "../../../src/core/match/template.ts";
import { growth } from "../../support/growth.ts";
import { AMBIGUOUS_TEMPLATES, BAD_TEMPLATES, GOOD_TEMPLATES } from "../../support/routes/templates.ts";
import { templateRegex } from "./reference.ts";

function templateOf(text: string): UriTemplate {
  const parsed = parseTemplate(text);
  if ("why" in parsed) throw new Error(parsed.why);
  return parsed.template;
}

describe("the templates that Envoy takes are taken (test/slow/templates.test.ts asks a real one)", () => {
  test.each(GOOD_TEMPLATES)("%s", (text) => expect(parseTemplate(text)).toHaveProperty("template"));
  test.each(BAD_TEMPLATES)("not %s", (text) => expect(parseTemplate(text)).toHaveProperty("why"));
  test.each(AMBIGUOUS_TEMPLATES)("nor %s, whose star Envoy takes for an operator", (text) =>
    expect(parseTemplate(text)).toHaveProperty("why"),
  );
});

test.each([
  ["a", "a template begins with / and has visible ASCII characters alone: encode others as %XX"],
  ["/a//b", "// in a template matches nothing: a segment has at least one character"],
  ["/a*", 'a * stands for a whole segment, not for a part of "a*": use a variable, as in /a{x}'],
  ["/{1}", '"1" is no name of a variable: use letters, digits and _, a letter first'],
  ["/{a}/{a}", "two variables are called a"],
  ["/**/*", "** takes all that is left: no *, ** or variable can follow it"],
  ["/a[b", '"[" cannot stand in the segment "a[b": encode it as %XX'],
])("%s is refused with the reason and the remedy", (text, why) => {
  expect(parseTemplate(text)).toEqual({ why });
});

test.each([
  ["/users/{id}", "/users/42", { id: "42" }],
  ["/users/{id}", "/users/%34%32?id=1", { id: "%34%32" }],
  ["/users/{id}/posts/{rest=**}", "/users/42/posts/a/b/", { id: "42", rest: "a/b/" }],
  ["/users/{id}/posts/{rest=**}", "/users/42/posts/", { id: "42", rest: "" }],
  ["/{name=projects/*/topics/**}", "/projects/p/topics/a/b", { name: "projects/p/topics/a/b" }],
  ["/{path=**}.m3u8", "/a/b.m3u8.m3u8", { path: "a/b.m3u8" }],
  ["/v{version}.x/{rest=**}", "/v1.x.x/r", { version: "1.x", rest: "r" }],
  ["/a", "/a", {}],
])("the variables of %s in %s stand as they are in the path", (text, path, expected) => {
  expect(Object.fromEntries(templateOf(text).read(path, endOfPath(path)) ?? [["no", "match"]])).toEqual(expected);
});

test("the variables of a path that does not match are not there", () => {
  expect(templateOf("/users/{id}").read("/users/", 7)).toBeUndefined();
});

test("the names of variables are known without a path", () => {
  expect(templateOf("/{a}/{b=**}").variables).toEqual(["a", "b"]);
});

const pieces = fc.constantFrom("a", "b", "/", "/", "//", ".b", ".", ".json", "=", "*", "x", "é", "d/e", "{", "%2f", "c");
const paths = fc.array(pieces, { maxLength: 8, size: "max" }).map((all) => `/${all.join("")}`);

test("a template matches what Envoy's regex for it matches, and its variables are that regex's groups", () => {
  let matched = 0;
  fc.assert(
    fc.property(fc.constantFrom(...GOOD_TEMPLATES), fc.array(paths, { minLength: 20, maxLength: 40, size: "max" }), (text, all) => {
      const template = templateOf(text);
      const regex = RE2JS.compile(templateRegex(text));
      for (const path of all) {
        const matcher = regex.matcher(path);
        const expected = matcher.matches() ? new Map(Object.entries(matcher.getNamedGroups())) : undefined;
        expect(template.read(path, path.length), `${text} on ${path}`).toEqual(expected);
        expect(template.matches(path, path.length)).toBe(expected !== undefined);
        if (expected !== undefined) matched++;
      }
    }),
    { numRuns: 300 },
  );
  expect(matched).toBeGreaterThan(300);
});

test.each(["/{a}/{b}/{c}/{d}/**", "/{a=**}.json", "/**/b", "/{a}.a/*"])("matching %s takes time that grows with the path alone", (text) => {
  const template = templateOf(text);
  const long = new Map([16, 64].map((kib) => [kib * 1024, `/${"a".repeat(512 * kib)}/${"a/".repeat(256 * kib)}`]));
  expect(growth((size) => template.matches(long.get(size) ?? "", size), 16 * 1024)).toBeLessThan(8);
});
