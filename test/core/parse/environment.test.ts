// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is what riffle.yaml says
import { describe, expect, test } from "vitest";
import { substitute } from "../../../src/core/parse/environment.ts";

const env = { NAME: "acme", EMPTY: "", _x1: "1", NESTED: "${NAME}" };

describe("environment variables", () => {
  test.each([
    ["${NAME}", "acme"],
    ["a-${NAME}-${_x1}", "a-acme-1"],
    ["${EMPTY}", ""],
    ["$${NAME}", "${NAME}"],
    ["$$${NAME}", "$${NAME}"],
    ["$NAME $ {NAME} $", "$NAME $ {NAME} $"],
    ["${NESTED}", "${NAME}"],
  ])("%s becomes %j", (text, expected) => expect(substitute({ a: [text] }, env)).toEqual({ document: { a: [expected] }, problems: [] }));

  test("stand in values, never in keys", () => {
    expect(substitute({ "${NAME}": 5, b: true, c: null }, env).document).toEqual({ "${NAME}": 5, b: true, c: null });
  });

  test("that are not set are problems with their place, and stay as written", () => {
    expect(substitute({ a: ["x", "${NOPE}${toString}"] }, env)).toEqual({
      document: { a: ["x", "${NOPE}${toString}"] },
      problems: ["NOPE", "toString"].map((name) => ({
        path: ["a", 1],
        message: `a[1]: the environment variable ${name} is not set; set it, or write $\${ for a plain \${`,
      })),
    });
  });

  test.each(["${}", "${a-b}", "${NAME:-x}", "${NAME", "${ NAME }", "${1}"])("%s names none", (text) => {
    const { document, problems } = substitute({ a: text }, env);
    expect(document).toEqual({ a: text });
    expect(problems).toEqual([
      { path: ["a"], message: `a: ${JSON.stringify(text)} names no variable; write \${NAME}, or $\${ for a plain \${` },
    ]);
  });

  test("leave a key __proto__ a key", () => {
    const { document } = substitute(JSON.parse('{"__proto__": {"a": "${NAME}"}}'), env);
    expect(JSON.stringify(document)).toBe('{"__proto__":{"a":"acme"}}');
    expect(document).not.toHaveProperty("a");
  });
});
