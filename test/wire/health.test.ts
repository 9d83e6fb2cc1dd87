import { expect, test } from "vitest";
import {
  decodeHealthCheckRequest,
  decodeHealthCheckResponse,
  encodeHealthCheckRequest,
  encodeHealthCheckResponse,
} from "../../src/wire/health.ts";
import { MalformedMessage } from "../../src/wire/malformed.ts";
import { hex, unhex } from "./messages.ts";

test.each(["", "envoy.service.ext_proc.v3.ExternalProcessor", "caf\u00e9"])("the service %j survives the wire", (service) => {
  expect(decodeHealthCheckRequest(encodeHealthCheckRequest(service))).toBe(service);
});

test.each([
  { serving: "unknown", bytes: "" },
  { serving: "serving", bytes: "0801" },
  { serving: "not_serving", bytes: "0802" },
  { serving: "service_unknown", bytes: "0803" },
] as const)("$serving is the bytes '$bytes', both ways", ({ serving, bytes }) => {
  expect(hex(encodeHealthCheckResponse(serving))).toBe(bytes);
  expect(decodeHealthCheckResponse(unhex(bytes))).toBe(serving);
});

test("a status of the future is unknown", () => {
  expect(decodeHealthCheckResponse(unhex("0863"))).toBe("unknown");
});

test.each([
  { decode: decodeHealthCheckRequest, bytes: "0a" },
  { decode: decodeHealthCheckRequest, bytes: "0a05" },
  { decode: decodeHealthCheckResponse, bytes: "08" },
  { decode: decodeHealthCheckResponse, bytes: "ff" },
])("the bytes $bytes are a MalformedMessage", ({ decode, bytes }) => {
  expect(() => decode(unhex(bytes))).toThrow(MalformedMessage);
});
