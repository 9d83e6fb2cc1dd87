import { create, fromBinary, type JsonObject, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type AttributesEntrySchema,
  type HeaderMutation,
  ProcessingRequestSchema,
  type ProcessingResponse,
  ProcessingResponseSchema,
} from "../../src/wire/gen/envoy/service/ext_proc/v3/external_processor_pb.ts";
import { varint } from "./reference.ts";

/** Header lines as tests write them: byte strings. */
export type Lines = readonly (readonly [name: string, value: string])[];

export const bytes = (byteString: string): Uint8Array => Buffer.from(byteString, "latin1");
export const hex = (message: Uint8Array): string => Buffer.from(message).toString("hex");
export const unhex = (digits: string): Uint8Array => Buffer.from(digits, "hex");

/** A field of bytes, or a message in a message. */
export const field = (tag: number, content: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.of(tag), varint(BigInt(content.length)), content]);

/** A ProcessingRequest as the generated code writes it. */
export const request = (init: MessageInitShape<typeof ProcessingRequestSchema>): Uint8Array =>
  toBinary(ProcessingRequestSchema, create(ProcessingRequestSchema, init));

const headerMap = (lines: Lines) => ({ headers: lines.map(([name, value]) => ({ key: bytes(name), rawValue: bytes(value) })) });

/** Attributes as the filter is told to send them, by name. */
type Attributes = Readonly<Record<string, string | number>>;

const attributesOf = (named: Attributes): MessageInitShape<typeof AttributesEntrySchema>[] => {
  const fields = Object.entries(named).map(([key, value]) => ({
    key: bytes(key),
    value: {
      kind: typeof value === "string" ? { case: "stringValue" as const, value: bytes(value) } : { case: "numberValue" as const, value },
    },
  }));
  return fields.length === 0 ? [] : [{ key: bytes("envoy.filters.http.ext_proc"), value: { fields } }];
};

/** One message of each phase, as Envoy sends it. */
export const requestHeaders = (lines: Lines = [], attributes: Attributes = {}): Uint8Array =>
  request({
    request: { case: "requestHeaders", value: { headers: headerMap(lines), endOfStream: true } },
    attributes: attributesOf(attributes),
  });
export const responseHeaders = (lines: Lines = [], attributes: Attributes = {}): Uint8Array =>
  request({ request: { case: "responseHeaders", value: { headers: headerMap(lines) } }, attributes: attributesOf(attributes) });
export const requestBody = request({ request: { case: "requestBody", value: { body: bytes("a body"), endOfStream: true } } });
export const responseBody = request({ request: { case: "responseBody", value: { body: bytes("a body") } } });
export const requestTrailers = request({ request: { case: "requestTrailers", value: { trailers: headerMap([["x", "y"]]) } } });
export const responseTrailers = request({ request: { case: "responseTrailers", value: {} } });
export const windowUpdate = request({ clientWindowUpdate: {} });
export const flowControlInit = request({ flowControlInit: {} });

/** A reply in words. */
export interface Reply {
  readonly phase: ProcessingResponse["response"]["case"];
  readonly set: readonly string[]; // `name: value`, and ` (append)`
  readonly removed: readonly string[];
  readonly clearsRouteCache: boolean;
  readonly metadata: JsonObject | undefined;
  readonly status?: number;
  readonly details?: string;
  readonly body?: string;
  readonly grpcStatus?: number | undefined;
}

export function readReply(message: Uint8Array): Reply {
  const { response, dynamicMetadata: metadata } = fromBinary(ProcessingResponseSchema, message);
  if (response.case === "immediateResponse") {
    const { status, details, body, grpcStatus, headers } = response.value;
    const more = { status: status?.code ?? 0, details, body: latin1(body), grpcStatus: grpcStatus?.status };
    return { phase: response.case, ...readMutation(headers), clearsRouteCache: false, metadata, ...more };
  }
  const hasHeaders = response.case === "requestHeaders" || response.case === "responseHeaders";
  const common = hasHeaders ? response.value.response : undefined;
  const clearsRouteCache = common?.clearRouteCache ?? false;
  return { phase: response.case, ...readMutation(common?.headerMutation), clearsRouteCache, metadata };
}

function readMutation(mutation: HeaderMutation | undefined): Pick<Reply, "set" | "removed"> {
  const set = (mutation?.setHeaders ?? []).map(
    ({ header, append }) => `${latin1(header?.key)}: ${latin1(header?.rawValue)}${append ? " (append)" : ""}`,
  );
  return { set, removed: (mutation?.removeHeaders ?? []).map(latin1) };
}

const latin1 = (raw: Uint8Array = new Uint8Array()): string => Buffer.from(raw).toString("latin1");
