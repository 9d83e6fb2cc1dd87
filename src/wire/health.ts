import { Reader } from "./reader.ts";
import { writeMessage } from "./writer.ts";

/** Asks once. https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
export const HEALTH_CHECK_PATH = "/grpc.health.v1.Health/Check";

/** Asks once and hears of every change. */
export const HEALTH_WATCH_PATH = "/grpc.health.v1.Health/Watch";

/** What a service can be said to be; `unknown` stands for a number that nobody has defined, too. */
export type Serving = (typeof SERVINGS)[number];

const SERVINGS = ["unknown", "serving", "not_serving", "service_unknown"] as const; // by number
const SERVICE = 0x0a;
const STATUS = 0x08;

/** The service asked about; "" is the server as a whole. Throws MalformedMessage, and nothing else. */
export function decodeHealthCheckRequest(bytes: Uint8Array): string {
  const reader = new Reader(bytes, "HealthCheckRequest");
  let service = "";
  while (reader.hasMore) {
    const tag = reader.tag();
    if (tag === SERVICE) service = reader.text();
    else reader.skip(tag);
  }
  return service;
}

/** The question about a service; "" is the server as a whole. */
export const encodeHealthCheckRequest = (service: string): Uint8Array =>
  writeMessage((writer) => {
    if (service !== "") writer.text(SERVICE, service);
  });

/** What a server says of a service. Throws MalformedMessage, and nothing else. */
export function decodeHealthCheckResponse(bytes: Uint8Array): Serving {
  const reader = new Reader(bytes, "HealthCheckResponse");
  let status = 0;
  while (reader.hasMore) {
    const tag = reader.tag();
    if (tag === STATUS) status = reader.varint();
    else reader.skip(tag);
  }
  return SERVINGS[status] ?? "unknown";
}

/** What this server says of a service. */
export const encodeHealthCheckResponse = (serving: Serving): Uint8Array =>
  writeMessage((writer) => {
    if (serving !== "unknown") writer.number(STATUS, SERVINGS.indexOf(serving)); // 0 goes without saying
  });
