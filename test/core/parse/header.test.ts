import { expect, test } from "vitest";
import { parseHeaderName } from "../../../src/core/parse/header.ts";

test("a header's name comes out in lower case", () => {
  expect(parseHeaderName("X-Customer-Id")).toEqual({ value: "x-customer-id" });
  expect(parseHeaderName("x!#$%&'*+.^`|~9")).toEqual({ value: "x!#$%&'*+.^`|~9" });
});

test.each(["", ":path", ":authority", "x y", "x:", "x\n", "x,y", "é", "\u212a", "x".repeat(257)])("%j is no header's name", (name) =>
  expect(parseHeaderName(name)).toEqual({
    why: `${JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name)} is not a header name; write one such as x-customer-id`,
  }),
);

test.each(["Host", "connection", "Keep-Alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "content-length"])(
  "%s stays what it is",
  (name) =>
    expect(parseHeaderName(name)).toEqual({ why: `"${name}" belongs to the connection or the message itself; name another header` }),
);

test.each(["x_a", "content_length"])("%s would be refused by Envoy in every request", (name) =>
  expect(parseHeaderName(name)).toEqual({
    why: `"${name}" holds an underscore, and Envoy refuses requests with such headers; write it with -`,
  }),
);

test.each([
  ["x-envoy-retry-on", "x-envoy-"],
  ["X-Riffle-Id", "x-riffle-"],
])("%s is Envoy's or riffle's own", (name, prefix) =>
  expect(parseHeaderName(name)).toEqual({ why: `"${name}" is reserved, as is all that starts with ${prefix}; name another header` }),
);
