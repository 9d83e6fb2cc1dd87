import { describe, expect, test } from "vitest";
import { formatTcp, parseListener, parsePeer, parseTcpListener, resolvePath } from "../../../src/core/parse/address.ts";

const tcp = (host: string, port: number) => ({ value: { kind: "tcp", host, port } });

describe("an address", () => {
  test.each([
    ["127.0.0.1:7001", tcp("127.0.0.1", 7001)],
    ["localhost:1", tcp("localhost", 1)],
    ["Backend_0.Example.COM:65535", tcp("backend_0.example.com", 65535)],
    ["a.example.com.:80", tcp("a.example.com.", 80)],
    ["[::1]:80", tcp("::1", 80)],
    ["[2001:DB8:0:0:0:0:0:1]:80", tcp("2001:db8::1", 80)],
  ])("%s is understood", (text, expected) => expect(parsePeer(text)).toEqual(expected));

  test.each([
    "",
    ":80",
    "host",
    "host:",
    "host:x",
    "host:0",
    "host:65536",
    "host:123456",
    "host: 80",
    " host:80",
    "host:80\n",
    "a b:80",
    "::1:80",
    "[]:80",
    "[::1]",
    "[::::]:80",
    "[fe80::1%eth0]:80",
    "[host]:80",
    "1.2.3:80",
    "010.0.0.1:80",
    "256.0.0.1:80",
    "0x7f000001:80",
    "http://host:80",
    "user@host:80",
    "a..b:80",
    "-a:80",
    "é.example:80",
    "unix:x",
  ])("%j is refused", (text) => expect(parsePeer(text)).toHaveProperty("why"));

  test("port 0 is any free one to listen at, and none to connect to", () => {
    expect(parseTcpListener("0.0.0.0:0")).toEqual(tcp("0.0.0.0", 0));
    expect(parseListener("0.0.0.0:0")).toEqual(tcp("0.0.0.0", 0));
    expect(parsePeer("0.0.0.0:0")).toEqual({ why: '"0.0.0.0:0" has no such port; write 1 to 65535' });
  });

  test("formatted is what it was parsed from", () => {
    for (const text of ["a:1", "1.2.3.4:5", "[::1]:80"]) {
      const parsed = parsePeer(text);
      expect("value" in parsed && formatTcp(parsed.value)).toBe(text);
    }
  });
});

describe("a socket", () => {
  test("is kept as written until its folder is known", () => {
    expect(parseListener("unix:run/riffle.sock")).toEqual({ value: { kind: "unix", path: "run/riffle.sock" } });
  });

  test.each(["unix:", "unix:run/", "unix:a\0b", "unix:a\nb", "unix:\ud800"])("%j is refused", (text) =>
    expect(parseListener(text)).toHaveProperty("why"),
  );

  test.each([
    ["riffle.sock", "/etc/riffle", "/etc/riffle/riffle.sock"],
    ["./riffle.sock", "/etc/riffle/", "/etc/riffle/riffle.sock"],
    ["../riffle.sock", "/etc", "/etc/../riffle.sock"],
    ["riffle.sock", "/", "/riffle.sock"],
    ["/run/riffle.sock", "/etc/riffle", "/run/riffle.sock"],
  ])("%s in %s is %s", (path, folder, expected) => expect(resolvePath(path, folder)).toBe(expected));
});
