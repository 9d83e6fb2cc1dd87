import fc from "fast-check";
import { varint } from "./reference.ts";

/** Bytes of messages as any protobuf encoder may write them, and of some that none would: fields in any order, again and again. */

type Bytes = fc.Arbitrary<Uint8Array>;

const concat = (parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);
const several = (...fields: readonly Bytes[]): Bytes => fc.array(fc.oneof(...fields), { maxLength: 6 }).map(concat);

/** A number below 2⁶⁴, small ones often, in as many bytes as it needs or more. */
const varints: Bytes = fc
  .tuple(fc.oneof(fc.bigInt({ min: 0n, max: 3n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })), fc.constantFrom(1, 1, 1, 2, 5, 10))
  .map(([value, bytes]) => varint(value, bytes));

const tag = (number: number, type: number): Bytes =>
  fc.constantFrom(1, 1, 1, 3, 5).map((bytes) => varint((BigInt(number) << 3n) | BigInt(type), bytes));

const number = (no: number): Bytes => fc.tuple(tag(no, 0), varints).map(concat);

const delimited = (no: number, content: Bytes): Bytes =>
  fc
    .tuple(tag(no, 2), content, fc.constantFrom(1, 1, 1, 4, 10))
    .map(([start, value, bytes]) => concat([start, varint(BigInt(value.length), bytes), value]));

const words = fc.oneof(
  fc.constantFrom("", "a", "A", "x-customer-id", "X-Customer-ID", "x_customer_id", "\xc9"),
  fc.string({ unit: "binary-ascii", maxLength: 40 }),
);
const text: Bytes = fc.oneof(
  words.map((word) => Buffer.from(word, "latin1")),
  fc.uint8Array({ maxLength: 200 }),
);

const anyNumber = fc.oneof(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 2 ** 29 - 1 }));

/** A field that nobody has defined, or a known one of another type. */
const unknown: Bytes = fc.letrec<{ field: Uint8Array; group: Uint8Array }>((tie) => ({
  field: fc.oneof(
    { maxDepth: 3 },
    anyNumber.chain((no) => number(no)),
    anyNumber.chain((no) => fc.tuple(tag(no, 1), fc.uint8Array({ minLength: 8, maxLength: 8 })).map(concat)),
    anyNumber.chain((no) => fc.tuple(tag(no, 5), fc.uint8Array({ minLength: 4, maxLength: 4 })).map(concat)),
    fc.integer({ min: 20, max: 2 ** 29 - 1 }).chain((no) => delimited(no, text)),
    tie("group"),
  ),
  group: anyNumber.chain((no) => fc.tuple(tag(no, 3), fc.array(tie("field"), { maxLength: 3 }).map(concat), tag(no, 4)).map(concat)),
})).field;

const headerValue = several(delimited(1, text), delimited(2, text), delimited(3, text), unknown);
const headerMap = several(delimited(1, headerValue), delimited(1, headerValue), unknown);
const httpHeaders = several(delimited(1, headerMap), number(3), unknown);
const httpBody = several(delimited(1, text), number(2), unknown);
const httpTrailers = several(delimited(1, headerMap), unknown);

const attributeKey = fc
  .constantFrom("source.address", "upstream.request_attempt_count", "source.port", "envoy.filters.http.ext_proc", "\xc9")
  .map((word) => Buffer.from(word, "latin1"));
const double: Bytes = fc
  .tuple(
    tag(2, 1),
    fc.oneof(
      fc.double().map((value) => Buffer.from(Float64Array.of(value).buffer)),
      fc.uint8Array({ minLength: 8, maxLength: 8 }),
    ),
  )
  .map(concat);
const attributeValue = several(double, delimited(3, text), unknown);
const attribute = several(delimited(1, attributeKey), delimited(2, attributeValue), delimited(2, attributeValue), unknown);
const struct = several(delimited(1, attribute), delimited(1, attribute), unknown);
const attributesEntry = several(delimited(1, attributeKey), delimited(2, struct), delimited(2, struct), unknown);
/** The key right and in front, as Envoy writes it; what is looked at would be too seldom there. */
const filterEntry = fc
  .tuple(delimited(1, fc.constant(Buffer.from("envoy.filters.http.ext_proc"))), delimited(2, struct), attributesEntry)
  .map(concat);

/** Bytes of a ProcessingRequest. Few are malformed. */
export const processingRequests: Bytes = several(
  delimited(2, httpHeaders),
  delimited(2, httpHeaders),
  delimited(3, httpHeaders),
  delimited(4, httpBody),
  delimited(5, httpBody),
  delimited(6, httpTrailers),
  delimited(7, httpTrailers),
  delimited(9, filterEntry),
  delimited(9, attributesEntry),
  number(10),
  delimited(12, several(unknown)),
  delimited(13, several(unknown)),
  unknown,
);

const utf8: Bytes = fc.oneof(
  fc.string({ unit: "grapheme" }).map((word) => Buffer.from(word)),
  fc.uint8Array({ maxLength: 3 }),
);

/** Bytes of a HealthCheckRequest. */
export const healthRequests: Bytes = several(delimited(1, utf8), unknown);

/** Bytes of a HealthCheckResponse whose status is an int32, as every encoder writes it. */
export const healthResponses: Bytes = several(
  fc
    .tuple(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer()), fc.constantFrom(1, 3, 10))
    .map(([status, bytes]) => concat([Uint8Array.of(0x08), varint(BigInt.asUintN(64, BigInt(status)), bytes)])),
  fc.integer({ min: 2, max: 99 }).chain((no) => number(no)),
);
