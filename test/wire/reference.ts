import { type DescField, type DescMessage, fromBinary, type MessageShape, ScalarType } from "@bufbuild/protobuf";
import { type ProcessingRequest, ProcessingRequestSchema } from "../../src/wire/gen/envoy/service/ext_proc/v3/external_processor_pb.ts";
import { HealthCheckRequestSchema, HealthCheckResponseSchema } from "../../src/wire/gen/grpc/health/v1/health_pb.ts";

/** What a message comes to, said in a form in which two decoders can be compared. */
export type Outcome = Readonly<Record<string, unknown>> | "malformed";

/** What a ProcessingRequest of these bytes is, by the generated code. */
export function expectedPhase(bytes: Uint8Array): Outcome {
  const message = read(ProcessingRequestSchema, bytes);
  if (message === undefined) return "malformed";
  const { request, observabilityMode: observability } = message;
  const attributes = expectedAttributes(message);
  if (request.case === "requestHeaders" || request.case === "responseHeaders") {
    const { headers, endOfStream } = request.value;
    const lines = (headers?.headers ?? []).map(({ key, value, rawValue }) => [
      lower(latin1(key)),
      latin1(rawValue.length > 0 ? rawValue : value),
    ]);
    return { kind: snakeCase(request.case), observability, endOfStream, lines, attributes };
  }
  return { kind: request.case === undefined ? windowsOrNothing(message) : snakeCase(request.case), observability, attributes };
}

/** Names under which attributes are asked for. */
export const ASKED = ["source.address", "upstream.request_attempt_count"];

/** Of those, what the message says; a map's later entry replaces the one of the same key before it. */
function expectedAttributes({ attributes }: ProcessingRequest): readonly unknown[] {
  const fields = attributes.findLast(({ key }) => latin1(key) === "envoy.filters.http.ext_proc")?.value?.fields ?? [];
  return ASKED.map((name) => {
    const kind = fields.findLast(({ key }) => latin1(key) === name)?.value?.kind;
    return kind?.case === "stringValue" ? latin1(kind.value) : kind?.value;
  });
}

/** What a HealthCheckRequest of these bytes asks about, by the generated code. */
export function expectedService(bytes: Uint8Array): Outcome {
  const message = read(HealthCheckRequestSchema, bytes);
  return message === undefined ? "malformed" : { service: message.service };
}

/** The number that a HealthCheckResponse of these bytes tells, by the generated code. */
export function expectedStatus(bytes: Uint8Array): number | undefined {
  return read(HealthCheckResponseSchema, bytes)?.status;
}

const windowsOrNothing = ({ flowControlInit, clientWindowUpdate }: ProcessingRequest): string =>
  flowControlInit !== undefined || clientWindowUpdate !== undefined ? "flow_control" : "unknown";
const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const lower = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
const latin1 = (raw: Uint8Array): string => Buffer.from(raw).toString("latin1");

/**
 * Reads bytes of any kind by the generated code; undefined when they are malformed. The generated code believes every wire type
 * and lets a field reach out of its message, so it is given what a plain, strict parser of our own makes of the bytes.
 */
function read<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> | undefined {
  try {
    return fromBinary(schema, known(schema, new Cursor(bytes)), { readUnknownFields: false });
  } catch {
    return undefined;
  }
}

/** The fields of a message that its schema knows, each in its shortest form; throws for bytes that are malformed. */
function known(schema: DescMessage, cursor: Cursor): Uint8Array {
  const parts: Uint8Array[] = [];
  while (!cursor.done) {
    const { number, type } = cursor.tag();
    const field = schema.fields.find((one) => one.number === number);
    if (field === undefined || type !== wireTypeOf(field)) cursor.skip(number, type);
    else if (type === 1) parts.push(varint(BigInt((number << 3) | 1)), cursor.fixed64());
    else if (type === 0) parts.push(varint(BigInt(number << 3)), varint(cursor.varint()));
    else {
      const span = cursor.span();
      const value = field.message === undefined ? span : known(field.message, new Cursor(span));
      parts.push(varint(BigInt((number << 3) | 2)), varint(BigInt(value.length)), value);
    }
  }
  return Buffer.concat(parts);
}

/** Of the kinds of field that the messages here have. */
function wireTypeOf({ message, scalar }: DescField): 0 | 1 | 2 {
  if (scalar === ScalarType.DOUBLE) return 1;
  return message !== undefined || scalar === ScalarType.BYTES || scalar === ScalarType.STRING ? 2 : 0;
}

/** A number as a varint, in more bytes than it needs if `bytes` says so. */
export function varint(value: bigint, bytes = 1): Uint8Array {
  const out: number[] = [];
  for (let rest = value; rest > 0n || out.length < bytes; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.from(out, (byte, index) => (index === out.length - 1 ? byte & 0x7f : byte));
}

/** The same rules as in src/wire/reader.ts, written down a second time: plainly, with copies and exact numbers. */
class Cursor {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  varint(maxBits = 64n): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#take(1)[0] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (value >= 1n << maxBits) throw new Error("too many bits");
      if (byte < 0x80) return value;
      if (shift + 7n >= maxBits) throw new Error("too many bytes");
    }
  }

  tag(): { readonly number: number; readonly type: number } {
    const tag = this.varint(32n);
    if (tag < 8n) throw new Error("field 0");
    return { number: Number(tag >> 3n), type: Number(tag & 7n) };
  }

  fixed64(): Uint8Array {
    return this.#take(8);
  }

  span(): Uint8Array {
    return this.#take(Number(this.varint()));
  }

  skip(number: number, type: number, depth = 1): void {
    if (type === 0) this.varint();
    else if (type === 1) this.#take(8);
    else if (type === 2) this.span();
    else if (type === 5) this.#take(4);
    else if (type === 3 && depth <= 100) this.#skipGroup(number, depth);
    else throw new Error("no such field");
  }

  #skipGroup(number: number, depth: number): void {
    for (;;) {
      const inner = this.tag();
      if (inner.type === 4 && inner.number === number) return;
      this.skip(inner.number, inner.type, depth + 1);
    }
  }

  #take(count: number): Uint8Array {
    if (count > this.#bytes.length - this.#at) throw new Error("beyond the end");
    const taken = this.#bytes.slice(this.#at, this.#at + count);
    this.#at += count;
    return taken;
  }
}
