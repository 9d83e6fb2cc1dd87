import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BUILT_IN, parseHeaderValue, parseRedirectPath } from "../../../src/core/parse/header-value.ts";

const text = (literal: string) => ({ text: literal });
const variable = (name: string) => ({ variable: name });

describe("the value of a header is text and variables", () => {
  test.each<[string, readonly object[]]>([
    ["", []],
    ["a b", [text("a b")]],
    ["a\tb", [text("a\tb")]],
    ["{id}", [variable("id")]],
    ["{_a1}", [variable("_a1")]],
    ["a{id}b{customer}", [text("a"), variable("id"), text("b"), variable("customer")]],
    ["{a}{b}", [variable("a"), variable("b")]],
    ["{{", [text("{")]],
    ["{{}}", [text("{}")]],
    ["{{id}}", [text("{id}")]],
    ["{{{id}}}", [text("{"), variable("id"), text("}")]],
    ['{{"a": "{id}"}}', [text('{"a": "'), variable("id"), text('"}')]],
    ["gr\u00fcn", [text("gr\u00c3\u00bcn")]],
    ["%0d%0a $1 \\n", [text("%0d%0a $1 \\n")]],
  ])("%j", (written, parts) => {
    expect(parseHeaderValue(written)).toEqual({ value: { parts } });
  });

  test.each(["{", "}", "a}", "{a", "{}", "{ a }", "{1}", "{a-b}", "{a.b}", "{é}", "{{a}", "{a}}", "{a{b}}", "{{{a}}", "{a\n}"])(
    "and %j is neither",
    (written) => {
      expect(parseHeaderValue(written)).toHaveProperty("why");
    },
  );

  test("and holds no control character but TAB", () => {
    for (let code = 0; code < 0x20; code++) {
      const parsed = parseHeaderValue(`a${String.fromCharCode(code)}b`);
      if (code === 9) expect(parsed).toHaveProperty("value");
      else expect(parsed).toEqual({ why: expect.stringContaining("holds a control character") });
    }
    expect(parseHeaderValue("a\x7fb")).toHaveProperty("why");
  });

  test.each([" a", "a ", "\ta", "a\t", " ", "\u00a0a", "a\u2028"])("and neither begins nor ends with a blank: %j", (written) => {
    expect(parseHeaderValue(written)).toHaveProperty("why");
  });

  test("and has at most 1024 bytes, in UTF-8", () => {
    expect(parseHeaderValue("x".repeat(1_024))).toHaveProperty("value");
    expect(parseHeaderValue("x".repeat(1_025))).toHaveProperty("why");
    expect(parseHeaderValue("é".repeat(512))).toHaveProperty("value");
    expect(parseHeaderValue("é".repeat(513))).toHaveProperty("why");
  });

  test("and is valid text", () => {
    expect(parseHeaderValue("a\ud800")).toHaveProperty("why");
  });

  test("whatever is written: what is accepted fits into a header, and means what was written", () => {
    const words = fc.constantFrom("{", "}", "{{", "}}", "{id}", "a", "é", " ", "\t", "\n", "\0", "\ud800", "{customer}", "𝄞");
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.array(words).map((all) => all.join("")),
        ),
        (written) => {
          const parsed = parseHeaderValue(written);
          if ("why" in parsed) {
            expect(parsed.why).toMatch(/^[^\p{Cc}]+$/u);
            return;
          }
          const literal = parsed.value.parts.map((part) => ("text" in part ? part.text : "")).join("");
          expect(literal).toMatch(/^[\t\x20-\x7e\x80-\xff]*$/);
          const again = parsed.value.parts
            .map((part) => ("text" in part ? part.text.replace(/[{}]/g, "$&$&") : `{${part.variable}}`))
            .join("");
          expect(Buffer.from(again, "latin1").toString()).toBe(written);
        },
      ),
    );
  });
});

describe("the path of a redirect", () => {
  test.each(["/", "/a/{id}", "{path}", "{path}/a", "//a", "/a b", "/é", "/{{}}"])("may be %s", (written) => {
    expect(parseRedirectPath(written)).toEqual(parseHeaderValue(written));
  });

  test.each(["", "a", "{id}", "{{path}", "https://a", "\\a", "/a?b", "/a#b", "/{id}?", "?", "/\r\n", " /", "/{"])(
    "may not be %j",
    (written) => {
      expect(parseRedirectPath(written)).toHaveProperty("why");
    },
  );
});

test("the variables that every route has can be written", () => {
  for (const name of BUILT_IN) expect(parseHeaderValue(`{${name}}`)).toEqual({ value: { parts: [{ variable: name }] } });
});
