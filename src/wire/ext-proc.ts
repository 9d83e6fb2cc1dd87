import { create, fromBinary, type JsonObject, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { toDisplay } from "../core/bytes.ts";
import type { Decision } from "../core/decide.ts";
import { createHeaders, type Headers } from "../core/exchange.ts";
import type { Datum, Edits } from "../core/output.ts";
import type { Answer } from "../core/verdict.ts";
import { fold, type SetEdit } from "./fold.ts";
import { HeaderValueOption_HeaderAppendAction as Action, type HeaderMap } from "./gen/envoy/config/core/v3/base_pb.ts";
import { ProcessingMode_HeaderSendMode as SendMode } from "./gen/envoy/extensions/filters/http/ext_proc/v3/processing_mode_pb.ts";
import {
  type HeaderMutationSchema,
  type ProcessingRequest,
  ProcessingRequestSchema,
  ProcessingResponseSchema,
} from "./gen/envoy/service/ext_proc/v3/external_processor_pb.ts";
import { MalformedMessage } from "./malformed.ts";

/** The service's name, as health checks call it. */
export const EXT_PROC_SERVICE = "envoy.service.ext_proc.v3.ExternalProcessor";

/** `/package.Service/Method` of the one call Envoy makes. */
export const PROCESS_PATH = `/${EXT_PROC_SERVICE}/Process`;

/** The phases of an exchange that Envoy may show, each of which wants one reply of its kind. */
export type PhaseKind =
  | "request_headers"
  | "response_headers"
  | "request_body"
  | "response_body"
  | "request_trailers"
  | "response_trailers";

/** One message of Envoy's. `observability`: replies are ignored, so none is sent. */
export type Phase = { readonly observability: boolean } & (
  | { readonly kind: "request_headers" | "response_headers"; readonly headers: Headers; readonly endOfStream: boolean }
  | { readonly kind: Exclude<PhaseKind, "request_headers" | "response_headers"> }
  | { readonly kind: "flow_control" } // windows only, of other clients than Envoy; wants no reply
  | { readonly kind: "unknown" } // no member that we know
);

/** Decodes one ProcessingRequest. Throws MalformedMessage, and nothing else. */
export function decodeProcessingRequest(bytes: Uint8Array): Phase {
  const message = parse(bytes);
  const { request, observabilityMode: observability } = message;
  switch (request.case) {
    case "requestHeaders":
    case "responseHeaders": {
      const { headers, endOfStream } = request.value;
      return { kind: KINDS[request.case], headers: decodeHeaders(headers), endOfStream, observability };
    }
    case undefined: {
      const windows = message.flowControlInit !== undefined || message.clientWindowUpdate !== undefined;
      return { kind: windows ? "flow_control" : "unknown", observability };
    }
    default:
      return { kind: KINDS[request.case], observability };
  }
}

const KINDS = {
  requestHeaders: "request_headers",
  responseHeaders: "response_headers",
  requestBody: "request_body",
  responseBody: "response_body",
  requestTrailers: "request_trailers",
  responseTrailers: "response_trailers",
} as const;

function parse(bytes: Uint8Array): ProcessingRequest {
  try {
    return fromBinary(ProcessingRequestSchema, bytes, { readUnknownFields: false });
  } catch (cause) {
    throw new MalformedMessage("ProcessingRequest", cause);
  }
}

/** Envoy fills `raw_value`, other clients may fill `value`. */
function decodeHeaders(map: HeaderMap | undefined): Headers {
  const lines = map?.headers ?? [];
  return createHeaders(lines.map(({ key, value, rawValue }) => [lowerCase(text(key)), text(rawValue.length > 0 ? rawValue : value)]));
}

/** ASCII only: in a byte string `toLowerCase` would change bytes above 0x7f as well. */
const lowerCase = (name: string): string => name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
const text = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
const toBytes = (byteString: string): Uint8Array => Buffer.from(byteString, "latin1");

/** The reply to a phase that changes nothing. The bytes are shared: never to be written to. */
export const encodeContinue = (kind: PhaseKind): Uint8Array => CONTINUE[kind];

const CONTINUE: Record<PhaseKind, Uint8Array> = {
  request_headers: Uint8Array.of(0x0a, 0),
  response_headers: Uint8Array.of(0x12, 0),
  request_body: Uint8Array.of(0x1a, 0),
  response_body: Uint8Array.of(0x22, 0),
  request_trailers: Uint8Array.of(0x2a, 0),
  response_trailers: Uint8Array.of(0x32, 0),
};

/** The reply to request headers: the decision's answer, or its changes. Throws TypeError for a header that cannot be sent. */
export function encodeDecision({ answer, edits, metadata, wants }: Decision): Uint8Array {
  if (answer !== undefined) return encodeAnswer(answer);
  if (edits.length === 0 && metadata.length === 0 && !wants.responseHeaders) return CONTINUE.request_headers;
  // Without clear_route_cache Envoy keeps the route it chose before it saw the headers set here (envoyproxy/envoy#16098).
  const response = edits.length > 0 ? { headerMutation: mutation(edits), clearRouteCache: true } : undefined;
  const reply = create(ProcessingResponseSchema, {
    response: { case: "requestHeaders", value: response ? { response } : {} },
    ...(metadata.length > 0 && { dynamicMetadata: struct(metadata) }),
    // Body modes have no "leave as it is": an override that omits them says NONE, which is what riffle asks for.
    ...(wants.responseHeaders && { modeOverride: { responseHeaderMode: SendMode.SEND } }),
  });
  return toBinary(ProcessingResponseSchema, reply);
}

/** An ImmediateResponse: Envoy answers the client itself. Throws TypeError for a header that cannot be sent. */
export function encodeAnswer({ status, why, headers, body, grpcStatus }: Answer): Uint8Array {
  const bodiless = status === 204 || status === 304; // Envoy would send the body all the same: a malformed response
  const value = {
    status: { code: status },
    details: `riffle_${why.replaceAll(" ", "_")}`, // without it the access log does not say who refused
    ...(headers && headers.length > 0 && { headers: mutation(headers) }),
    ...(body && !bodiless && { body }),
    ...(grpcStatus !== undefined && { grpcStatus: { status: grpcStatus } }),
  };
  return toBinary(ProcessingResponseSchema, create(ProcessingResponseSchema, { response: { case: "immediateResponse", value } }));
}

function mutation(edits: Edits): MessageInitShape<typeof HeaderMutationSchema> {
  const { removed, set } = fold(edits);
  return { removeHeaders: removed.map(toBytes), setHeaders: set.map(setHeader) };
}

// raw_value alone: ext_proc takes a bare `value` for an empty header (envoyproxy/envoy#29424), and older ones refuse both together.
// `append` alone counts today (envoyproxy/envoy#29862); append_action says the same, for the day it does.
const setHeader = ({ name, value, append }: SetEdit) => ({
  header: { key: toBytes(name), rawValue: toBytes(value) },
  append: append === true,
  appendAction: append ? Action.APPEND_IF_EXISTS_OR_ADD : Action.OVERWRITE_IF_EXISTS_OR_ADD,
});

/** Namespaces on top, each a Struct: anything flat Envoy drops without a word. Strings become text, for a Struct holds UTF-8. */
function struct(metadata: readonly Datum[]): JsonObject {
  const namespaces = [...Map.groupBy(metadata, ({ namespace }) => namespace)];
  return Object.fromEntries(namespaces.map(([name, data]) => [name, Object.fromEntries(data.map(entry))]));
}

const entry = ({ key, value }: Datum) => [key, typeof value === "string" ? toDisplay(value) : value] as const;
