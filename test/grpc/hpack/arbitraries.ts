import fc from "fast-check";
import type { HeaderField } from "../../../src/grpc/hpack/field.ts";
import type { Manner } from "./reference-encoder.ts";

/** Any bytes, as a byte string of at most so many. */
export const byteStrings = (maxLength: number): fc.Arbitrary<string> =>
  fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes).toString("latin1"));

/** Few enough names and values that fields recur, static ones among them, and any others. */
export const fields: fc.Arbitrary<HeaderField> = fc.oneof(
  fc.record({
    name: fc.constantFrom(":method", ":path", ":status", "te", "traceparent", "x-request-id", "accept-encoding", ""),
    value: fc.constantFrom("GET", "POST", "/", "200", "", "trailers", "gzip, deflate", "\xff\x00", "v".repeat(150)),
  }),
  fc.record({ name: byteStrings(12), value: byteStrings(60) }),
);

/** Every choice an encoder has. */
export const manners: fc.Arbitrary<Manner> = fc.record({
  literal: fc.constantFrom("incremental", "plain", "never"),
  mayIndex: fc.boolean(),
  mayIndexName: fc.boolean(),
  match: fc.constantFrom("first", "last"),
  huffman: fc.boolean(),
});
