import { create, type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { HealthCheckRequestSchema, HealthCheckResponse_ServingStatus, HealthCheckResponseSchema } from "./gen/grpc/health/v1/health_pb.ts";
import { MalformedMessage } from "./malformed.ts";

/** Asks once. https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
export const HEALTH_CHECK_PATH = "/grpc.health.v1.Health/Check";

/** Asks once and hears of every change. */
export const HEALTH_WATCH_PATH = "/grpc.health.v1.Health/Watch";

/** What a service can be said to be; `unknown` stands for a number that nobody has defined, too. */
export type Serving = keyof typeof NUMBERS;

const { UNKNOWN, SERVING, NOT_SERVING, SERVICE_UNKNOWN } = HealthCheckResponse_ServingStatus;
const NUMBERS = { unknown: UNKNOWN, serving: SERVING, not_serving: NOT_SERVING, service_unknown: SERVICE_UNKNOWN } as const;
const NAMES = new Map<number, Serving>(Object.entries(NUMBERS).map(([name, number]) => [number, name as Serving]));

/** The service asked about; "" is the server as a whole. Throws MalformedMessage, and nothing else. */
export const decodeHealthCheckRequest = (bytes: Uint8Array): string => parse(HealthCheckRequestSchema, bytes).service;

/** The question about a service; "" is the server as a whole. */
export const encodeHealthCheckRequest = (service: string): Uint8Array =>
  toBinary(HealthCheckRequestSchema, create(HealthCheckRequestSchema, { service }));

/** What a server says of a service. Throws MalformedMessage, and nothing else. */
export const decodeHealthCheckResponse = (bytes: Uint8Array): Serving =>
  NAMES.get(parse(HealthCheckResponseSchema, bytes).status) ?? "unknown";

/** What this server says of a service. */
export const encodeHealthCheckResponse = (serving: Serving): Uint8Array =>
  toBinary(HealthCheckResponseSchema, create(HealthCheckResponseSchema, { status: NUMBERS[serving] }));

function parse<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  try {
    return fromBinary(schema, bytes, { readUnknownFields: false });
  } catch (cause) {
    throw new MalformedMessage(schema.name, cause);
  }
}
