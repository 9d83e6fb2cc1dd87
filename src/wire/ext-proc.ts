import { toDisplay } from "../core/bytes.ts";
import type { Decision } from "../core/decide.ts";
import type { Headers } from "../core/exchange.ts";
import type { Datum, Edit, Edits } from "../core/output.ts";
import type { Answer } from "../core/verdict.ts";
import { ATTRIBUTES, Attributes } from "./attributes.ts";
import { fold, type SetEdit } from "./fold.ts";
import { type Line, readHeaderMap, WireHeaders } from "./headers.ts";
import { Reader } from "./reader.ts";
import { type Writer, writeMessage } from "./writer.ts";

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

/** One message of Envoy's. `observability`: replies are ignored, so none is sent. `attributes`: undefined where there are none. */
export type Phase = { readonly observability: boolean; readonly attributes: Attributes | undefined } & (
  | { readonly kind: "request_headers" | "response_headers"; readonly headers: Headers; readonly endOfStream: boolean }
  | { readonly kind: Exclude<PhaseKind, "request_headers" | "response_headers"> }
  | { readonly kind: "flow_control" } // windows only, of other clients than Envoy; wants no reply
  | { readonly kind: "unknown" } // no member that we know
);

// Tags of ProcessingRequest (external_processor.proto, the reference); its oneof is the table of KINDS.
const OBSERVABILITY_MODE = 0x50;
const FLOW_CONTROL_INIT = 0x62;
const CLIENT_WINDOW_UPDATE = 0x6a;
const KINDS: Readonly<Record<number, PhaseKind>> = {
  18: "request_headers",
  26: "response_headers",
  34: "request_body",
  42: "response_body",
  50: "request_trailers",
  58: "response_trailers",
};

// of HttpHeaders
const HEADERS = 0x0a;
const END_OF_STREAM = 0x18;

/** What has been read of a message so far. */
interface Draft {
  kind: PhaseKind | undefined;
  lines: Line[];
  endOfStream: boolean;
}

/**
 * Decodes one ProcessingRequest as protobuf does: of two members the last one counts, and is merged with the one before it if
 * that is the same; unknown fields pass. Headers and attributes are read out of `bytes`, which must not change while anybody
 * reads them. Throws MalformedMessage, and nothing else.
 */
export function decodeProcessingRequest(bytes: Uint8Array): Phase {
  const reader = new Reader(bytes, "ProcessingRequest");
  const draft: Draft = { kind: undefined, lines: [], endOfStream: false };
  let observability = false;
  let windows = false;
  let attributes: Attributes | undefined;
  while (reader.hasMore) {
    const { at } = reader;
    const tag = reader.tag();
    const kind = KINDS[tag];
    if (kind !== undefined) readMember(kind, reader, draft);
    else if (tag === ATTRIBUTES) {
      attributes ??= new Attributes(bytes, at);
      reader.skip(tag);
    } else if (tag === OBSERVABILITY_MODE) observability = reader.bool();
    else if (tag === FLOW_CONTROL_INIT || tag === CLIENT_WINDOW_UPDATE) {
      windows = true;
      reader.skipMessage();
    } else reader.skip(tag);
  }
  const { kind, lines, endOfStream } = draft;
  switch (kind) {
    case "request_headers":
    case "response_headers":
      return { kind, headers: new WireHeaders(bytes, lines), endOfStream, observability, attributes };
    case undefined:
      return { kind: windows ? "flow_control" : "unknown", observability, attributes };
    default:
      return { kind, observability, attributes };
  }
}

function readMember(kind: PhaseKind, reader: Reader, draft: Draft): void {
  if (draft.kind !== kind) {
    draft.kind = kind;
    draft.lines = [];
    draft.endOfStream = false;
  }
  if (kind === "request_body" || kind === "response_body") reader.skipMessage();
  else readHeaders(reader, draft);
}

/** HttpHeaders; HttpTrailers, too, which have the same map and nothing else. */
function readHeaders(reader: Reader, draft: Draft): void {
  const outer = reader.enter();
  while (reader.hasMore) {
    const tag = reader.tag();
    if (tag === HEADERS) readHeaderMap(reader, draft.lines);
    else if (tag === END_OF_STREAM) draft.endOfStream = reader.bool();
    else reader.skip(tag);
  }
  reader.leave(outer);
}

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

/**
 * The reply to request headers: the decision's answer, or its changes. The bytes may be shared: never to be written to.
 * Throws TypeError for a header that cannot be sent.
 */
export function encodeDecision({ answer, edits, metadata, wants }: Decision): Uint8Array {
  if (answer !== undefined) return encodeAnswer(answer);
  if (metadata.length > 0 || wants.responseHeaders) return encodeChanges({ edits, metadata, wants });
  const [only] = edits;
  if (only === undefined) return CONTINUE.request_headers;
  return edits.length === 1 ? encodeOnly(only) : encodeChanges({ edits, metadata, wants });
}

/** The reply to response headers: their changes. The bytes may be shared: never to be written to. Throws TypeError likewise. */
export function encodeResponse(edits: Edits): Uint8Array {
  if (edits.length === 0) return CONTINUE.response_headers;
  return writeMessage((writer) => {
    const member = writer.mark();
    const response = writer.mark();
    writeMutation(0x12, edits, writer);
    writer.close(0x0a, response);
    writer.close(0x12, member);
  });
}

/** Replies by their only change: nearly always a target's ready-made one, which lives as long as its snapshot. */
const READY = new WeakMap<Edit, Uint8Array>();

function encodeOnly(edit: Edit): Uint8Array {
  const ready = READY.get(edit);
  if (ready !== undefined) return ready;
  const reply = new Uint8Array(encodeChanges({ edits: [edit], metadata: [], wants: {} })); // a copy, which keeps nothing else alive
  READY.set(edit, reply);
  return reply;
}

// Tags below as in external_processor.proto and base.proto. What is written first comes last.

function encodeChanges({ edits, metadata, wants }: Pick<Decision, "edits" | "metadata" | "wants">): Uint8Array {
  return writeMessage((writer) => {
    if (wants.responseHeaders) writeResponseHeadersWanted(0x4a, writer);
    if (metadata.length > 0) writeStructs(0x42, metadata, writer);
    const member = writer.mark();
    if (edits.length > 0) {
      const response = writer.mark();
      writer.bool(0x28, true); // without clear_route_cache Envoy keeps the route it chose before it saw these (envoyproxy/envoy#16098)
      writeMutation(0x12, edits, writer);
      writer.close(0x0a, response);
    }
    writer.close(0x0a, member); // empty, too: without a member Envoy fails the request
  });
}

/** A ProcessingMode. Body modes have no "leave as it is": one that omits them says NONE, which is what riffle asks for. */
function writeResponseHeadersWanted(tag: number, writer: Writer): void {
  const mode = writer.mark();
  writer.number(0x10, SEND);
  writer.close(tag, mode);
}

const SEND = 1; // of HeaderSendMode

/**
 * An ImmediateResponse: Envoy answers the client itself. The bytes may be shared: never to be written to.
 * Throws TypeError for a header or a number that cannot be sent.
 */
export function encodeAnswer(answer: Answer): Uint8Array {
  const { status, why, headers, body, grpcStatus } = answer;
  if (headers !== undefined || body !== undefined || grpcStatus !== undefined) return encodeImmediate(answer);
  const known = REFUSALS.get(why);
  if (known?.status === status) return known.reply;
  if (known !== undefined || REFUSALS.size === MAX_REFUSALS) return encodeImmediate(answer);
  const reply = new Uint8Array(encodeImmediate(answer)); // a copy, as above
  REFUSALS.set(why, { status, reply });
  return reply;
}

/** Replies of answers that say no more than why, by that: policies know a few dozen reasons. */
const REFUSALS = new Map<string, { readonly status: number; readonly reply: Uint8Array }>();
const MAX_REFUSALS = 256;

function encodeImmediate({ status, why, headers = [], body, grpcStatus }: Answer): Uint8Array {
  return writeMessage((writer) => {
    const member = writer.mark();
    writer.text(0x2a, `riffle_${why.replaceAll(" ", "_")}`); // without it the access log does not say who refused
    if (grpcStatus !== undefined) writeNumber(0x22, grpcStatus, writer);
    const bodiless = status === 204 || status === 304; // Envoy would send the body all the same: a malformed response
    if (body !== undefined && body.length > 0 && !bodiless) writer.bytes(0x1a, body);
    if (headers.length > 0) writeMutation(0x12, headers, writer);
    writeNumber(0x0a, status, writer);
    writer.close(0x3a, member);
  });
}

/** A message whose field 1 is the number: an HttpStatus, a GrpcStatus, a BoolValue. */
function writeNumber(tag: number, value: number, writer: Writer): void {
  const message = writer.mark();
  if (value !== 0) writer.number(0x08, value);
  writer.close(tag, message);
}

function writeMutation(tag: number, edits: Edits, writer: Writer): void {
  const { removed, set } = fold(edits);
  const mutation = writer.mark();
  for (const name of removed.toReversed()) writer.byteString(0x12, name);
  for (const edit of set.toReversed()) writeSet(edit, writer);
  writer.close(tag, mutation);
}

// raw_value alone: ext_proc takes a bare `value` for an empty header (envoyproxy/envoy#29424), and older ones refuse both together.
// `append` alone counts today (envoyproxy/envoy#29862); append_action says the same, for the day it does.
function writeSet({ name, value, append }: SetEdit, writer: Writer): void {
  const option = writer.mark();
  if (!append) writer.number(0x18, OVERWRITE_IF_EXISTS_OR_ADD); // APPEND_IF_EXISTS_OR_ADD is 0
  writeNumber(0x12, append ? 1 : 0, writer);
  const header = writer.mark();
  if (value !== "") writer.byteString(0x1a, value);
  writer.byteString(0x0a, name);
  writer.close(0x0a, header);
  writer.close(0x0a, option);
}

const OVERWRITE_IF_EXISTS_OR_ADD = 2;

/** Namespaces on top, each a Struct: anything flat Envoy drops without a word. Of two values for one key the last one counts. */
function writeStructs(tag: number, metadata: readonly Datum[], writer: Writer): void {
  const struct = writer.mark();
  for (const [namespace, data] of [...Map.groupBy(metadata, (datum) => datum.namespace)].toReversed()) {
    const entry = writer.mark();
    const value = writer.mark();
    writeStruct(0x2a, data, writer);
    writer.close(0x12, value);
    writer.text(0x0a, namespace);
    writer.close(0x0a, entry);
  }
  writer.close(tag, struct);
}

function writeStruct(tag: number, data: readonly Datum[], writer: Writer): void {
  const struct = writer.mark();
  const values = new Map(data.map(({ key, value }) => [key, value]));
  for (const [key, content] of [...values].toReversed()) {
    const entry = writer.mark();
    const value = writer.mark();
    writeValue(content, writer);
    writer.close(0x12, value);
    writer.text(0x0a, key);
    writer.close(0x0a, entry);
  }
  writer.close(tag, struct);
}

/** A google.protobuf.Value. Strings become text, for it holds UTF-8. */
function writeValue(value: Datum["value"], writer: Writer): void {
  if (typeof value === "string") writer.text(0x1a, toDisplay(value));
  else if (typeof value === "number") writer.double(0x11, value);
  else writer.bool(0x20, value);
}
