import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseRedirectPath } from "../../src/core/parse/header-value.ts";
import { locationOf } from "../../src/core/redirect.ts";
import type { RedirectTarget } from "../../src/core/route-rules.ts";
import { exchange } from "../support/exchange.ts";
import { matchOf, routeOf } from "../support/route.ts";

type Change = Partial<Omit<RedirectTarget, "path">> & { readonly path?: string };

function targetOf({ path, ...change }: Change): RedirectTarget {
  const parsed = path === undefined ? undefined : parseRedirectPath(path);
  if (parsed !== undefined && "why" in parsed) throw new Error(parsed.why);
  const unchanged = { scheme: undefined, host: undefined, port: undefined, stripsQuery: false } as const;
  return { kind: "redirect", status: 301, ...unchanged, ...change, path: parsed?.value };
}

const route = routeOf({ match: matchOf({ kind: "template", template: "/old/{id}/{rest=**}" }) });

function locate(change: Change, url: string, { customer, ...headers }: Record<string, string> = {}): string {
  const [, scheme = "", authority = "", path = ""] = /^(https?):\/\/([^/]*)(.*)$/s.exec(url) ?? [];
  const lines = { ":scheme": scheme, ":authority": authority, ":path": path, ...headers };
  const located = locationOf(targetOf(change), { exchange: exchange(lines, { route, customer }), version: "v" });
  return "text" in located ? located.text : located.misfit;
}

describe("a redirect changes what it says, and nothing else", () => {
  test.each<[string, Change, string, string]>([
    ["the scheme", { scheme: "https" }, "http://a.com/x/y?z=1", "https://a.com/x/y?z=1"],
    ["the scheme, and with it the port", { scheme: "https" }, "http://a.com:8080/x", "https://a.com/x"],
    ["the scheme that it is already, and no port", { scheme: "https", path: "/y" }, "https://a.com:8443/x", "https://a.com:8443/y"],
    ["the host, and with it the port", { host: "b.com" }, "http://a.com:8080/x?y", "http://b.com/x?y"],
    ["the host and the port", { host: "b.com", port: 81 }, "http://a.com/x", "http://b.com:81/x"],
    ["the port", { port: 81 }, "http://a.com:8080/x", "http://a.com:81/x"],
    ["the port, left out where the scheme has it anyway", { port: 443 }, "https://a.com:8443/x", "https://a.com/x"],
    ["the port, written where the other scheme has it", { port: 443 }, "http://a.com/x", "http://a.com:443/x"],
    ["the port of the new scheme", { scheme: "https", port: 443 }, "http://a.com/x", "https://a.com/x"],
    ["the path", { path: "/new" }, "http://a.com:81/x?y=1", "http://a.com:81/new?y=1"],
    ["the path, by variables", { path: "/new/{id}/{rest}" }, "http://a.com/old/7/a/b?y", "http://a.com/new/7/a/b?y"],
    ["the path, by itself", { path: "{path}/" }, "http://a.com/old/7/a", "http://a.com/old/7/a/"],
    ["the query", { scheme: "https", stripsQuery: true }, "http://a.com/x?y=1?z", "https://a.com/x"],
    ["no IPv6 address", { scheme: "https" }, "http://[2001:db8::1]:81/x", "https://[2001:db8::1]/x"],
    ["no letter case of the host", { scheme: "https" }, "http://A.com/x", "https://A.com/x"],
    ["an empty port to none", { path: "/y" }, "http://a.com:/x", "http://a.com/y"],
    ["nothing in a query of question marks", { scheme: "https" }, "http://a.com/x??=?", "https://a.com/x??=?"],
    ["no fragment into a path", { scheme: "https" }, "http://a.com/x#y?z", "https://a.com/x"],
    ["no fragment into a query", { scheme: "https" }, "http://a.com/x?y#z", "https://a.com/x?y"],
  ])("%s", (_, change, from, location) => {
    expect(locate(change, from)).toBe(location);
  });

  test("as Envoy says it the scheme is the client's, whatever a proxy in front made of it", () => {
    expect(locate({ path: "/y" }, "http://a.com/x", { "x-forwarded-proto": "https" })).toBe("https://a.com/y");
    expect(locate({ path: "/y" }, "https://a.com/x", { "x-forwarded-proto": "javascript" })).toBe("http://a.com/y");
  });
});

describe("a redirect leads to no other host", () => {
  test.each([
    ["//evil.com", "/evil.com"],
    ["///evil.com", "/evil.com"],
    ["/\\evil.com", "/evil.com"],
    ["\\\\evil.com", "/evil.com"],
    ["/\\/evil.com", "/evil.com"],
    ["/a\\..\\b", "/a%5C..%5Cb"],
    ["/@evil.com", "/@evil.com"],
    ["/%0d%0aset-cookie:a=1", "/%0d%0aset-cookie:a=1"],
    ["/%2f%2fevil.com", "/%2f%2fevil.com"],
    ["/https://evil.com/", "/https://evil.com/"],
    ["@evil.com", "/@evil.com"],
    [".evil.com", "/.evil.com"],
    ["/?\\\\evil.com", "/?%5C%5Cevil.com"],
    ['/"><script>', "/%22%3E%3Cscript%3E"],
    ["/caf\xe9?\xff", "/caf%E9?%FF"],
    ["/a b?c d", "/a%20b?c%20d"],
  ])("by its path %j", (path, expected) => {
    const location = locate({ scheme: "https" }, "http://good.com", { ":path": path });
    expect(location).toBe(`https://good.com${expected}`);
    expect(new URL(location).host).toBe("good.com");
  });

  test.each(["//evil.com", "/evil.com", "\\evil.com", "@evil.com", "a?b#c", "%zz"])("by a variable: %j", (customer) => {
    const location = locate({ path: "/{customer}" }, "http://good.com/x?q=1", { customer });
    expect(new URL(location)).toMatchObject({ host: "good.com", search: "?q=1", hash: "" });
  });

  test.each([
    "good.com@evil.com",
    "evil.com/.good.com",
    "evil.com?.good.com",
    "evil.com#.good.com",
    "evil.com\\.good.com",
    "evil.com%2f.good.com",
    "a b",
    "a,b",
    "b\xfccher.example",
    "<script>",
    "",
    ":80",
    "::1",
    "[::1",
    "[evil.com]",
    "a.com:80:80",
    "a.com:+80",
    "a".repeat(256),
  ])("by an authority that is none: %j", (authority) => {
    expect(locate({ scheme: "https" }, "http://x/y", { ":authority": authority })).toBe("no host to redirect to");
  });

  test("by a port that is none", () => {
    expect(locate({ path: "/y" }, "http://a.com:65535/x")).toBe("http://a.com:65535/y");
    expect(locate({ path: "/y" }, "http://a.com:65536/x")).toBe("no host to redirect to");
  });

  test("and to its own where the client's is none", () => {
    expect(locate({ host: "good.com" }, "http://x/y", { ":authority": "a@b" })).toBe("http://good.com/y");
  });

  test("whatever the client sends: what a browser reads has the host that was asked for, and one line", () => {
    const bytes = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)), maxLength: 30 });
    const odd = fc.array(fc.constantFrom("/", "\\", "@", ":", "?", "#", "%", "..", "a", "\t", " ", "[", "]", "//evil.com", "\x00"), {
      maxLength: 8,
    });
    const path = fc.oneof(
      bytes,
      odd.map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(path, path, fc.boolean(), (asked, customer, hasPath) => {
        const location = locate(hasPath ? { path: "/a/{customer}" } : { scheme: "https" }, "http://good.com/x", {
          ":path": asked,
          customer,
        });
        if (location === "control character in a header") return;
        expect(location).toMatch(/^https?:\/\/good\.com\/[!-~]*$/);
        expect(new URL(location).host).toBe("good.com");
      }),
    );
  });
});

describe("a redirect is refused", () => {
  test.each(["/a\nb", "/a\r\nset-cookie: x", "/a\0", "/a?b\nc", "/\x7f"])("for a control character in %j", (path) => {
    expect(locate({ scheme: "https" }, "http://a.com", { ":path": path })).toBe("control character in a header");
  });

  test("for a variable with one", () => {
    expect(locate({ path: "/{customer}" }, "http://a.com/x", { customer: "a\r\nb" })).toBe("control character in a header");
  });

  test("that would be longer than 16 KiB, escapes counted", () => {
    const locateLong = (path: string): string => locate({ scheme: "https" }, "http://a.com", { ":path": path });
    expect(locateLong(`/${"x".repeat(16_384 - 14)}`)).toHaveLength(16_384);
    expect(locateLong(`/${"x".repeat(16_384 - 13)}`)).toBe("header too long");
    expect(locateLong(`/${"\xff".repeat(6_000)}`)).toBe("header too long");
    expect(locate({ path: "/{path}{path}" }, `http://a.com/${"x".repeat(9_000)}`)).toBe("header too long");
  });
});
