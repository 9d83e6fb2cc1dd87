import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  parseCompared,
  parseMatchName,
  parseMethod,
  parseParameter,
  parsePart,
  parsePath,
  parsePrefix,
  parseRouteName,
  parseSegments,
} from "../../../src/core/parse/match.ts";

describe("a path is read as Envoy will match it", () => {
  test.each(["/", "/a/b", "/a//b", "/%C3%A9", "/a;b=c", '/"', "/~", "/{x}", "/*"])("%s", (path) => {
    expect(parsePath(path)).toEqual({ value: path });
    expect(parsePrefix(path)).toEqual({ value: path });
  });

  test.each(["", "a", "*", "//?", "/a?b", "/a#", "/a b", "/é", "/\0", "/\n", "/\x7f"])("%j can match none, and is refused", (path) => {
    expect(parsePath(path)).toHaveProperty("why");
    expect(parsePrefix(path)).toHaveProperty("why");
    expect(parseSegments(path)).toHaveProperty("why");
  });

  test.each(["/", "/a/"])("a prefix of whole segments does not end in a slash: %s", (path) => {
    expect(parseSegments(path)).toHaveProperty("why");
  });

  test("a prefix of whole segments is as written", () => {
    expect(parseSegments("/a/b")).toEqual({ value: "/a/b" });
  });
});

describe("names of what is looked at", () => {
  test.each([
    ["X-Env", "x-env"],
    [":Authority", ":authority"],
    [":method", ":method"],
    [":path", ":path"],
    [":scheme", ":scheme"],
    ["!#$%&'*+.^`|~-", "!#$%&'*+.^`|~-"],
  ])("%s is the header %s", (text, name) => {
    expect(parseMatchName(text)).toEqual({ value: name });
  });

  test.each(["", "Host", "host", ":status", ":", ":protocol", "x a", "x:a", "x_a", "é", "x\n", "x\0", "\u212aey", "x".repeat(257)])(
    "%.20j is no header's",
    (text) => {
      expect(parseMatchName(text)).toHaveProperty("why");
    },
  );

  test.each(["a", "A", "a.b", "a[]", "%20", "a+b", "a?b", "a/b", "(", "'"])("%s is a parameter's, as it stands in the query", (text) => {
    expect(parseParameter(text)).toEqual({ value: text });
  });

  test.each(["", "a=b", "a&b", "a#", "a b", "é", "a\n", "x".repeat(257)])("%.20j is no parameter's", (text) => {
    expect(parseParameter(text)).toHaveProperty("why");
  });

  test.each(["GET", "get", "M-SEARCH", "x".repeat(64)])("%s is a method", (text) => {
    expect(parseMethod(text)).toEqual({ value: text });
  });

  test.each(["", "G T", "GET ", "G\nT", "GÉT", "x".repeat(65)])("%.20j is no method", (text) => {
    expect(parseMethod(text)).toHaveProperty("why");
  });

  test.each(["a", "9", "Users.v1_2-x", "a".repeat(63)])("%s is a route's", (text) => {
    expect(parseRouteName(text)).toEqual({ value: text });
  });

  test.each(["", "-a", ".a", "a b", "a/b", "a#0", "é", "a\n", 'a"', "a".repeat(64)])(
    "%.20j is no route's, for metrics and traces bear it",
    (text) => {
      expect(parseRouteName(text)).toHaveProperty("why");
    },
  );
});

describe("a text to compare with", () => {
  test("becomes the bytes that a request would have", () => {
    expect(parseCompared("gr\u00fcn")).toEqual({ value: "gr\u00c3\u00bcn" });
    expect(parseCompared("")).toEqual({ value: "" });
  });

  test("that is part of every text is refused as a part", () => {
    expect(parsePart("")).toHaveProperty("why");
    expect(parsePart("a")).toEqual({ value: "a" });
  });

  test("is valid text of a bounded length", () => {
    for (const parse of [parseCompared, parsePart]) {
      expect(parse("\ud800")).toHaveProperty("why");
      expect(parse("x".repeat(1_025))).toHaveProperty("why");
      expect(parse("x".repeat(1_024))).toHaveProperty("value");
    }
  });
});

test("whatever is written is a value or one line of complaint", () => {
  const parsers = [
    parsePath,
    parsePrefix,
    parseSegments,
    parseMethod,
    parseMatchName,
    parseCompared,
    parsePart,
    parseParameter,
    parseRouteName,
  ];
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.constantFrom(...parsers), (text, parse) => {
      const parsed = parse(text);
      if ("why" in parsed) expect(parsed.why).toMatch(/^[^\p{Cc}]+$/u);
      else expect(parsed.value).not.toMatch(/[^\0-\xff]/);
    }),
  );
});
