import type { HeaderField } from "./hpack/field.ts";
import type { RequestHead } from "./http2/request.ts";
import { type Call, Code, type Status } from "./types.ts";

/** What a request's head asks for: a call, a refusal in gRPC, or a refusal in plain HTTP for what is no gRPC. */
export type CallHead =
  | { readonly kind: "call"; readonly path: string; readonly call: Call; readonly timeoutMs: number | undefined }
  | { readonly kind: "refused"; readonly status: Status; readonly fields: readonly HeaderField[] }
  | { readonly kind: "http"; readonly status: number };

/** Reads the head of a request as gRPC over HTTP/2 defines it ("Requests"). Never throws. */
export function readCallHead({ method, path, fields }: RequestHead): CallHead {
  if (method !== "POST") return { kind: "http", status: 405 };
  const type = valueNamed(fields, "content-type");
  if (type === undefined || !/^application\/grpc(?:[+;]|$)/i.test(type)) return { kind: "http", status: 415 };
  const encoding = valueNamed(fields, "grpc-encoding");
  if (encoding !== undefined && encoding !== "identity") return UNKNOWN_ENCODING;
  const timeout = valueNamed(fields, "grpc-timeout");
  const timeoutMs = timeout === undefined ? undefined : parseTimeoutMs(timeout);
  if (timeout !== undefined && timeoutMs === undefined) return BAD_TIMEOUT;
  return { kind: "call", path, call: { metadata: { get: (name) => metadata(fields, name) } }, timeoutMs };
}

const UNKNOWN_ENCODING: CallHead = {
  kind: "refused",
  status: { code: Code.unimplemented, message: "messages must not be compressed" },
  fields: [{ name: "grpc-accept-encoding", value: "identity" }],
};
const BAD_TIMEOUT: CallHead = { kind: "refused", status: { code: Code.internal, message: "not a grpc-timeout" }, fields: [] };

const valueNamed = (fields: readonly HeaderField[], name: string): string | undefined => fields.find((field) => field.name === name)?.value;

/** Repeated text values are one list, RFC 9110 §5.3; binary ones are base64, of which the first is given. */
function metadata(fields: readonly HeaderField[], name: string): string | undefined {
  const values = fields.filter((field) => field.name === name).map(({ value }) => value);
  if (values.length === 0) return undefined;
  if (!name.endsWith("-bin")) return values.join(", ");
  return Buffer.from(values[0]?.split(",")[0] ?? "", "base64").toString("latin1");
}

const UNITS_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 0.001, n: 0.000_001 };

/** At most eight digits and a unit; whole milliseconds, at least one; longer than timers can wait is as long as they can. */
function parseTimeoutMs(text: string): number | undefined {
  const [, digits, unit = ""] = /^([0-9]{1,8})([HMSmun])$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  return Math.min(Math.max(1, Math.ceil(Number(digits) * (UNITS_MS[unit] ?? 0))), 2 ** 31 - 1);
}
