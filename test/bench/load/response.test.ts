import { describe, expect, test } from "vitest";
import { readResponse } from "../../../bench/load/response.ts";

const sized = "HTTP/1.1 200 OK\r\nserver: envoy\r\ncontent-length: 3\r\n\r\nok\n";
const chunked =
  "HTTP/1.1 503 Service Unavailable\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n10\r\n0\r\n\r\n0123456789a\r\n0\r\n\r\n";
const empty = "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n";

describe.each([
  { name: "with a length", text: sized, status: 200 },
  { name: "in chunks", text: chunked, status: 503 },
  { name: "without a body", text: empty, status: 500 },
])("a response $name", ({ text, status }) => {
  test("is whole with its last byte and not before", () => {
    for (let cut = 0; cut < text.length; cut++) expect(readResponse(Buffer.from(text.slice(0, cut))), `${cut} bytes`).toBeUndefined();
    expect(readResponse(Buffer.from(text))).toEqual({ status, length: text.length });
  });

  test("ends where the next one begins", () => {
    expect(readResponse(Buffer.from(text + sized))).toEqual({ status, length: text.length });
  });
});

test.each([
  { name: "neither length nor chunks", text: "HTTP/1.1 200 OK\r\n\r\nok" },
  { name: "a chunk without a size", text: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n" },
])("a response with $name is refused", ({ text }) => {
  expect(() => readResponse(Buffer.from(text))).toThrow();
});
