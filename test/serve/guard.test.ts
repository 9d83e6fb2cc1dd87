import { describe, expect, test } from "vitest";
import { type Caller, refuse } from "../../src/serve/guard.ts";

const curl: Caller = { isMutation: false, host: "127.0.0.1:9002", origin: undefined, fetchSite: undefined, contentType: undefined };
const statusOf = (caller: Partial<Caller>, isSocketFile = false): number | undefined =>
  refuse({ ...curl, ...caller }, isSocketFile)?.status;

describe("the Host header", () => {
  test.each(["127.0.0.1:9002", "127.0.0.1", "localhost", "LocalHost:9002", "[::1]:9002", "[::1]", "10.1.2.3:80", "[fd00::1]:9002"])(
    "%s is heard",
    (host) => expect(statusOf({ host })).toBeUndefined(),
  );

  test.each([
    ...["evil.example", "evil.example:9002", "127.0.0.1.evil.example", "localhost.evil.example", "localhost.", "127.1", "2130706433", ""],
    ...["0x7f000001", "127.0.0.1:9002:1", "::1", "[::1", "[127.0.0.1]", "user@127.0.0.1", "127.0.0.1 ", "127.0.0.1/x", "[evil.example]"],
  ])("%j is refused: a page may have got here by that name", (host) => expect(statusOf({ host })).toBe(421));

  test("that is missing is refused", () => expect(statusOf({ host: undefined })).toBe(421));
  test("is anything on a socket file, which no browser reaches", () => expect(statusOf({ host: "riffle" }, true)).toBeUndefined());
});

describe("the Origin header", () => {
  test.each(["http://127.0.0.1:9002", "HTTP://127.0.0.1:9002"])("%s, our own, is heard", (origin) =>
    expect(statusOf({ origin })).toBeUndefined(),
  );
  test.each([
    ...["http://evil.example", "null", "", "https://127.0.0.1:9002", "http://127.0.0.1", "http://127.0.0.1:9003", "http://localhost:9002"],
    ...["http://127.0.0.1:9002.evil.example", "file://"],
  ])("%j is refused, whatever the method", (origin) => {
    expect(statusOf({ origin })).toBe(403);
    expect(statusOf({ origin, isMutation: true })).toBe(403);
    expect(statusOf({ origin, host: "riffle" }, true)).toBe(403);
  });
});

test.each([
  ["cross-site", 403],
  ["same-site", 403],
  ["whatever comes next", 403],
  ["same-origin", undefined],
  ["none", undefined],
])("Sec-Fetch-Site %s: %s", (fetchSite, status) => expect(statusOf({ fetchSite })).toBe(status));

describe("the body of a POST", () => {
  test.each([undefined, "application/json", "application/json; charset=utf-8", "Application/JSON"])("%s is taken", (contentType) =>
    expect(statusOf({ isMutation: true, contentType })).toBeUndefined(),
  );
  test.each([
    "application/x-www-form-urlencoded",
    "text/plain",
    "multipart/form-data; boundary=x",
    "",
    "text/plain; application/json",
    "application/jsonp",
  ])("%j, which a form may send, is refused", (contentType) => expect(statusOf({ isMutation: true, contentType })).toBe(415));
});
