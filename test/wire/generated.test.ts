import { create, type JsonObject, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toDisplay } from "../../src/core/bytes.ts";
import type { Decision } from "../../src/core/decide.ts";
import type { Datum, Edit } from "../../src/core/output.ts";
import { answer } from "../../src/core/verdict.ts";
import { encodeAnswer, encodeDecision, encodeResponse } from "../../src/wire/ext-proc.ts";
import { fold } from "../../src/wire/fold.ts";
import { HeaderValueOption_HeaderAppendAction as Action } from "../../src/wire/gen/envoy/config/core/v3/base_pb.ts";
import { ProcessingMode_HeaderSendMode as SendMode } from "../../src/wire/gen/envoy/extensions/filters/http/ext_proc/v3/processing_mode_pb.ts";
import { type HeaderMutationSchema, ProcessingResponseSchema } from "../../src/wire/gen/envoy/service/ext_proc/v3/external_processor_pb.ts";
import { HealthCheckRequestSchema, HealthCheckResponseSchema } from "../../src/wire/gen/grpc/health/v1/health_pb.ts";
import { decodeHealthCheckResponse, encodeHealthCheckRequest, encodeHealthCheckResponse } from "../../src/wire/health.ts";
import { healthRequests, healthResponses, processingRequests } from "./arbitrary.ts";
import { bytes, hex } from "./messages.ts";
import { phaseOutcome, serviceOutcome } from "./outcome.ts";
import { expectedPhase, expectedService, expectedStatus, type Outcome } from "./reference.ts";

/** Fails when a decoder disagrees with the generated code about any of these bytes, or when most of them are malformed to both. */
function expectAgreement(
  messages: fc.Arbitrary<Uint8Array>,
  ours: (message: Uint8Array) => Outcome,
  theirs: (message: Uint8Array) => Outcome,
) {
  let sound = 0;
  let malformed = 0;
  fc.assert(
    fc.property(messages, (message) => {
      const expected = theirs(message);
      if (expected === "malformed") malformed++;
      else sound++;
      expect(ours(message)).toEqual(expected);
    }),
    { numRuns: 1_000 },
  );
  expect(sound).toBeGreaterThan(malformed);
}

describe("bytes as any encoder may write them are decoded as the generated code decodes them", () => {
  test("a ProcessingRequest: any order, repeated members, unknown fields, both values", () => {
    expectAgreement(processingRequests, phaseOutcome, expectedPhase);
  });
  test("a HealthCheckRequest", () => {
    expectAgreement(healthRequests, serviceOutcome, expectedService);
  });
  test("a HealthCheckResponse", () => {
    const names = new Map(
      [0, 1, 2, 3].map((number) => [number, (["unknown", "serving", "not_serving", "service_unknown"] as const)[number]]),
    );
    fc.assert(
      fc.property(healthResponses, (message) => {
        const status = expectedStatus(message);
        fc.pre(status !== undefined);
        expect(decodeHealthCheckResponse(message)).toBe(names.get(status) ?? "unknown");
      }),
    );
  });
});

const headerName = fc.constantFrom("x-a", "x-b", "x-target-cluster", ":path", "set-cookie");
const withoutControls = (raw: Uint8Array): Uint8Array => raw.map((byte) => (byte < 0x20 || byte === 0x7f ? 0x09 : byte));
const byteString = fc.uint8Array({ maxLength: 300 }).map((raw) => Buffer.from(withoutControls(raw)).toString("latin1"));
const edits: fc.Arbitrary<readonly Edit[]> = fc.array(
  fc.oneof(
    fc.record({ name: headerName, value: fc.oneof(byteString, fc.constant(undefined)) }),
    fc.record({ name: headerName, value: byteString, append: fc.constant(true as const) }),
  ),
  { maxLength: 6 },
);
const word = fc.stringMatching(/^[a-z_.é]{0,9}$/); // an object of the generated code would reorder numbers
const metadata: fc.Arbitrary<readonly Datum[]> = fc.array(
  fc.record({ namespace: word, key: word, value: fc.oneof(byteString, fc.double(), fc.boolean()) }),
  { maxLength: 6 },
);

/** A HeaderMutation as the generated code takes it. */
function mutation(changes: readonly Edit[]): MessageInitShape<typeof HeaderMutationSchema> {
  const { removed, set } = fold(changes);
  return {
    removeHeaders: removed.map(bytes),
    setHeaders: set.map(({ name, value, append = false }) => ({
      header: { key: bytes(name), rawValue: bytes(value) },
      append,
      appendAction: append ? Action.APPEND_IF_EXISTS_OR_ADD : Action.OVERWRITE_IF_EXISTS_OR_ADD,
    })),
  };
}

function struct(data: readonly Datum[]): JsonObject {
  const spaces = Map.groupBy(data, ({ namespace }) => namespace);
  const shown = ({ key, value }: Datum) => [key, typeof value === "string" ? toDisplay(value) : value] as const;
  return Object.fromEntries([...spaces].map(([name, inside]) => [name, Object.fromEntries(inside.map(shown))]));
}

const generated = (init: MessageInitShape<typeof ProcessingResponseSchema>): string =>
  hex(toBinary(ProcessingResponseSchema, create(ProcessingResponseSchema, init)));

describe("replies are the bytes that the generated code writes", () => {
  test("a decision that lets the exchange through", () => {
    fc.assert(
      fc.property(edits, metadata, fc.boolean(), (changes, data, wantsResponse) => {
        const decision = { answer: undefined, edits: changes, metadata: data, wants: wantsResponse ? { responseHeaders: true } : {} };
        const response = changes.length > 0 ? { response: { headerMutation: mutation(changes), clearRouteCache: true } } : {};
        const expected = generated({
          response: { case: "requestHeaders", value: response },
          ...(data.length > 0 && { dynamicMetadata: struct(data) }),
          ...(wantsResponse && { modeOverride: { responseHeaderMode: SendMode.SEND } }),
        });
        expect(hex(encodeDecision(decision as Decision))).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });
  test("changes to a response", () => {
    fc.assert(
      fc.property(edits, (changes) => {
        const value = changes.length > 0 ? { response: { headerMutation: mutation(changes) } } : {};
        expect(hex(encodeResponse(changes))).toBe(generated({ response: { case: "responseHeaders", value } }));
      }),
      { numRuns: 500 },
    );
  });
  test("an answer", () => {
    const status = fc.integer({ min: 200, max: 599 }).filter((code) => code !== 204 && code !== 304);
    const more = fc.record(
      { headers: edits, body: fc.uint8Array({ maxLength: 20_000 }), grpcStatus: fc.integer({ min: 0, max: 2 ** 32 - 1 }) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(status, word, more, (code, why, { headers, body, grpcStatus }) => {
        const expected = generated({
          response: {
            case: "immediateResponse",
            value: {
              status: { code },
              details: `riffle_${why}`,
              ...(headers && headers.length > 0 && { headers: mutation(headers) }),
              ...(body && { body }),
              ...(grpcStatus !== undefined && { grpcStatus: { status: grpcStatus } }),
            },
          },
        });
        const optional = { ...(headers && { headers }), ...(body && { body }), ...(grpcStatus !== undefined && { grpcStatus }) };
        expect(hex(encodeAnswer(answer(code, why, optional)))).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });
  test("a HealthCheckRequest", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (service) => {
        const expected = toBinary(HealthCheckRequestSchema, create(HealthCheckRequestSchema, { service }));
        expect(hex(encodeHealthCheckRequest(service))).toBe(hex(expected));
      }),
    );
  });
  test.each([
    { serving: "unknown", status: 0 },
    { serving: "serving", status: 1 },
    { serving: "not_serving", status: 2 },
    { serving: "service_unknown", status: 3 },
  ] as const)("a HealthCheckResponse: $serving", ({ serving, status }) => {
    expect(hex(encodeHealthCheckResponse(serving))).toBe(
      hex(toBinary(HealthCheckResponseSchema, create(HealthCheckResponseSchema, { status }))),
    );
  });
});
