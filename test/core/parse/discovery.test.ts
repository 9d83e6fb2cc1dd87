import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDiscoveryKey, parseDiscoveryUrl, parseField, parseRegion } from "../../../src/core/parse/discovery.ts";

describe("the URL of a discovery service", () => {
  const host = { kind: "host" };
  test.each<[string, string, string, object]>([
    ["http://127.0.0.1:7200/lookup?host={host}", "http://127.0.0.1:7200/lookup?host=", "", host],
    ["https://h/{host}", "https://h/", "", host],
    ["http://h/a/{customer}/b?c=d", "http://h/a/", "/b?c=d", { kind: "customer" }],
    ["http://[::1]:80/{header:X-Org}", "http://[::1]:80/", "", { kind: "header", header: "x-org" }],
    ["http://h/{header::authority}", "http://h/", "", { kind: "header", header: ":authority" }],
    ["http://h/?a=http://b@c/{host}", "http://h/?a=http://b@c/", "", host],
  ])("%s", (text, before, after, key) => {
    expect(parseDiscoveryUrl(text)).toEqual({ value: { url: { before, after }, key } });
  });

  test.each([
    "",
    "http://h/",
    "{host}",
    "/lookup/{host}",
    "http:/{host}",
    "http:///{host}",
    "http://{host}",
    "http://{host}/",
    "http://{host}.example.com/a",
    "http://h:{host}/",
    "http://h{host}",
    "http://h?{host}",
    "http://h?a=/{host}",
    "http://h#/{host}",
    "http://h/#{host}",
    "http://h/{host}#a",
    "http://h/{host}/{host}",
    "http://h/{}",
    "http://h/{path}",
    "http://h/{header:x y}",
    "http://h/{host}}",
    "http://h/{{host}",
    "http://h/{host}\n",
    "http://h/\t{host}",
    " http://h/{host}",
    "http://h/{host} ",
    "http://h\\a/{host}",
    "http://h/é{host}",
    "http://h:0x/{host}",
    "http://h:65536/{host}",
    "file:///{host}",
    "redis://h/{host}",
  ])("%j is refused", (text) => {
    expect(parseDiscoveryUrl(text)).toHaveProperty("why");
  });

  test.each([
    "http://user:secret@h/{host}",
    "http://secret@h/{host}",
    "http://a:secret@h h/{host}",
    "http://a:secret@h/",
    "ftp://a:secret@h/{host}",
  ])("a password in it is refused and never shown: %s", (text) => {
    const parsed = parseDiscoveryUrl(text);
    expect(parsed).toHaveProperty("why");
    expect(JSON.stringify(parsed)).not.toContain("secret");
  });

  test("asks the host that is written, whatever stands around the key", () => {
    const words = fc.constantFrom("/", "?", "#", "\\", "@", ":", "a", ".", "//", "%2f", "&", "=", "{host}", "..");
    fc.assert(
      fc.property(fc.array(words, { maxLength: 8 }), (all) => {
        const parsed = parseDiscoveryUrl(`http://good.example${all.join("")}`);
        if ("why" in parsed) return;
        const { before, after } = parsed.value.url;
        const written = new URL(before).host;
        for (const key of ["k", "%2F%2Fevil.example", "%40evil.example"]) expect(new URL(`${before}${key}${after}`).host).toBe(written);
      }),
    );
  });
});

describe("what is looked up", () => {
  test.each([
    ["host", { kind: "host" }],
    ["customer", { kind: "customer" }],
    ["header:X-Org", { kind: "header", header: "x-org" }],
  ])("%s", (text, key) => {
    expect(parseDiscoveryKey(text)).toEqual({ value: key });
  });

  test.each(["", "Host", "path", "header", "header:", "header:host", "header:x y", "header: x"])("%j is nothing to look up", (text) => {
    expect(parseDiscoveryKey(text)).toHaveProperty("why");
  });
});

describe("where the region stands in an answer", () => {
  test.each([
    ["region", ["region"]],
    ["data.region", ["data", "region"]],
    ["a.b.c.d.e.f.g.h", [..."abcdefgh"]],
    ["ré-gion_1", ["ré-gion_1"]],
  ])("%s", (text, keys) => {
    expect(parseField(text)).toEqual({ value: keys });
  });

  test.each(["", ".", "a.", ".a", "a..b", "a b", "a.b.c.d.e.f.g.h.i", "x".repeat(65)])("%.20j is no field", (text) => {
    expect(parseField(text)).toHaveProperty("why");
  });
});

describe("a region", () => {
  test.each(["eu", "us-east-1", "EU_West.2", "a:b/c", "x".repeat(256)])("may be %.20s", (text) => {
    expect(parseRegion(text)).toEqual({ value: text });
  });

  test.each(["", "a b", "a,b", "a;b", 'a"', "é", "a\n", "a\0", "x".repeat(257)])("may not be %.20j, for it is a header's value", (text) => {
    expect(parseRegion(text)).toHaveProperty("why");
  });
});
