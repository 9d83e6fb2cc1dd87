import { describe, expect, test } from "vitest";
import { parsePrefix } from "../../../src/core/parse/match.ts";
import { parseClusterName, parseHost, parsePoolName, parseSalt, parseZone } from "../../../src/core/parse/names.ts";

const understood = (parse: (text: string) => object, texts: readonly string[]) => {
  for (const text of texts) expect(parse(text), text).toEqual({ value: text });
};
const refused = (parse: (text: string) => object, texts: readonly string[]) => {
  for (const text of texts) expect(parse(text), JSON.stringify(text)).toHaveProperty("why");
};

describe("names", () => {
  test("a pool's is 1 to 63 of a-z 0-9 _ -", () => {
    understood(parsePoolName, ["a", "0", "back-end_2", "constructor", "a".repeat(63)]);
    refused(parsePoolName, ["", "A", "-a", "_a", "a b", "a.b", "a\n", "é", "__proto__", "a".repeat(64)]);
  });

  test("a target's is 1 to 256 visible ASCII characters that no list or header would cut", () => {
    understood(parseClusterName, ["a", "Backend.0", "10.0.0.1:80", "outbound|80||svc", "~!#{}", "a".repeat(256)]);
    refused(parseClusterName, ["", "a b", "a,b", "a;b", 'a"b', "a\u007f", "a\n", "é", "a".repeat(257), "riffle"]);
  });

  test("a zone's is text, and comes out as bytes", () => {
    understood(parseZone, ["a", "eu west 1"]);
    expect(parseZone("é")).toEqual({ value: "Ã©" });
    refused(parseZone, ["", "\ud800", "a\udc00"]);
  });

  test("a salt may be empty, but holds no NUL, and no message shows it", () => {
    understood(parseSalt, ["", "s e c r e t"]);
    expect(parseSalt("é")).toEqual({ value: "Ã©" });
    refused(parseSalt, ["a\0b", "\ud800"]);
    expect(JSON.stringify([parseSalt("hush\0"), parseSalt("hush\ud800")])).not.toContain("hush");
  });

  test("a host's is exact, a suffix, a prefix or everything, and comes out in lower case", () => {
    understood(parseHost, ["*", "example.com", "example.com:8080", "*.example.com", "*.example.com:80", "api.*", "[::1]:80", "a_b"]);
    expect(parseHost("API.Example.com")).toEqual({ value: "api.example.com" });
    refused(parseHost, [
      "",
      "**",
      "*a",
      "a*",
      "a.*.b",
      "*.a.*",
      "*.",
      "http://a",
      "a/b",
      "a b",
      "a:",
      "a:port",
      "é",
      "\u212a",
      "a".repeat(256),
    ]);
  });

  test("a prefix begins with / and ends before the query", () => {
    understood(parsePrefix, ["/", "/a/b", "/caf%C3%A9", "/~a;b=c"]);
    refused(parsePrefix, ["", "a", "*", "/a?b", "/a#b", "/a b", "/é", "/\n"]);
  });
});
