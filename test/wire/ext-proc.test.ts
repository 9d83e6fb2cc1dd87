import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Decision } from "../../src/core/decide.ts";
import type { Headers } from "../../src/core/exchange.ts";
import type { Snapshot } from "../../src/core/snapshot.ts";
import { answer } from "../../src/core/verdict.ts";
import {
  decodeProcessingRequest,
  encodeAnswer,
  encodeContinue,
  encodeDecision,
  encodeResponse,
  type PhaseKind,
} from "../../src/wire/ext-proc.ts";
import { MalformedMessage } from "../../src/wire/malformed.ts";
import * as messages from "./messages.ts";

const { bytes, hex, readReply, request, unhex } = messages;

function headersOf(message: Uint8Array): Headers {
  const phase = decodeProcessingRequest(message);
  if (!("headers" in phase)) throw new Error(`no headers in ${phase.kind}`);
  return phase.headers;
}

describe("every phase is told by its member", () => {
  test.each([
    { kind: "request_headers", message: messages.requestHeaders() },
    { kind: "response_headers", message: messages.responseHeaders() },
    { kind: "request_body", message: messages.requestBody },
    { kind: "response_body", message: messages.responseBody },
    { kind: "request_trailers", message: messages.requestTrailers },
    { kind: "response_trailers", message: messages.responseTrailers },
    { kind: "flow_control", message: messages.windowUpdate },
    { kind: "flow_control", message: messages.flowControlInit },
    { kind: "unknown", message: new Uint8Array() },
    { kind: "unknown", message: unhex("5a00") }, // protocol_config alone
    { kind: "unknown", message: unhex("aa060568656c6c6f") }, // a field of the future
  ])("$kind", ({ kind, message }) => {
    expect(decodeProcessingRequest(message)).toMatchObject({ kind, observability: false });
  });

  test("a window beside a phase leaves it that phase", () => {
    const message = request({ request: { case: "requestBody", value: {} }, clientWindowUpdate: {} });
    expect(decodeProcessingRequest(message).kind).toBe("request_body");
  });
  test("observability mode shows on any message", () => {
    expect(decodeProcessingRequest(request({ request: { case: "requestBody", value: {} }, observabilityMode: true })).observability).toBe(
      true,
    );
    expect(decodeProcessingRequest(request({ observabilityMode: true })).observability).toBe(true);
  });
  test("the end of the stream shows on headers", () => {
    expect(decodeProcessingRequest(messages.requestHeaders())).toMatchObject({ endOfStream: true });
    expect(decodeProcessingRequest(messages.responseHeaders())).toMatchObject({ endOfStream: false });
  });
});

describe("headers", () => {
  const header = (key: string, value: string, rawValue: string) => ({ key: bytes(key), value: bytes(value), rawValue: bytes(rawValue) });
  const decode = (...headers: ReturnType<typeof header>[]) =>
    headersOf(request({ request: { case: "requestHeaders", value: { headers: { headers } } } }));

  test("Envoy's raw_value is read, and other clients' value where there is none", () => {
    const headers = decode(header("a", "", "raw"), header("b", "plain", ""), header("c", "plain", "raw"), header("d", "", ""));
    expect(["a", "b", "c", "d", "e"].map((name) => headers.get(name))).toEqual(["raw", "plain", "raw", "", undefined]);
  });
  test("names are lowered in ASCII alone, for every byte above is somebody's", () => {
    expect(decode(header("X-Customer-ID", "", "1"), header("X-\xc9", "", "2")).names()).toEqual(["x-customer-id", "x-\xc9"]);
  });
  test("repeated headers stay apart, in order", () => {
    const headers = decode(header("a", "", "1"), header("b", "", "2"), header("a", "", "3"));
    expect(headers.all("a")).toEqual(["1", "3"]);
    expect(headers.names()).toEqual(["a", "b", "a"]);
  });
  test("no byte of a name or value is lost, be it UTF-8 or not", () => {
    const anyBytes = fc.uint8Array({ minLength: 1 }).map((raw) => Buffer.from(raw).toString("latin1"));
    const name = anyBytes.map((text) => text.replace(/[A-Z]/g, "_"));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, anyBytes)), (lines) => {
        const headers = headersOf(messages.requestHeaders(lines));
        expect(headers.names()).toEqual(lines.map(([key]) => key));
        for (const [key, value] of lines) expect(headers.all(key)).toContain(value);
      }),
    );
  });
  test("headers without a map are none", () => {
    expect(headersOf(unhex("1200")).names()).toEqual([]);
  });
});

describe("bytes that are no message", () => {
  test.each(["12", "12ff", "1205", "120a", "0a", "ffffffffffffffffffffff", "12030a010a", "07"])("%s is a MalformedMessage", (digits) => {
    expect(() => decodeProcessingRequest(unhex(digits))).toThrow(MalformedMessage);
  });
  test("no bytes whatever throw anything else", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.boolean(), (noise, asHeaders) => {
        try {
          decodeProcessingRequest(asHeaders ? Buffer.concat([Buffer.of(0x12, noise.length), noise]) : noise);
        } catch (cause) {
          expect(cause).toBeInstanceOf(MalformedMessage);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("members and fields are read as protobuf reads them", () => {
  test("of a member sent twice in a row both count, and of two members the last", () => {
    const part = (name: string) => messages.requestHeaders([[name, "1"]]);
    const twice = Buffer.concat([part("a"), part("b")]);
    expect(headersOf(twice).names()).toEqual(["a", "b"]);
    expect(headersOf(Buffer.concat([part("a"), messages.requestBody, part("b")])).names()).toEqual(["b"]);
    expect(decodeProcessingRequest(Buffer.concat([twice, messages.responseBody])).kind).toBe("response_body");
    const again = Buffer.concat([messages.requestHeaders(), messages.responseHeaders()]);
    expect(decodeProcessingRequest(again)).toMatchObject({ kind: "response_headers", endOfStream: false });
  });
  test("a known number of another wire type is a field unknown", () => {
    expect(decodeProcessingRequest(unhex("1001")).kind).toBe("unknown"); // request_headers as a number
    expect(decodeProcessingRequest(unhex("520101")).observability).toBe(false); // observability_mode as bytes
    expect(decodeProcessingRequest(unhex("1203" + "1a0101"))).toMatchObject({ endOfStream: false });
  });
});

const decided = (change: Partial<Decision>): Decision => ({
  snapshot: { version: "test" } as Snapshot,
  exchange: { headers: headersOf(messages.requestHeaders()), known: {}, atMs: 0, chance: 0 },
  answer: undefined,
  edits: [],
  metadata: [],
  wants: {},
  broken: undefined,
  steps: [],
  ...change,
});

describe("replies are the bytes that a real Envoy took", () => {
  test.each<{ kind: PhaseKind; bytes: string }>([
    { kind: "request_headers", bytes: "0a00" },
    { kind: "response_headers", bytes: "1200" },
    { kind: "request_body", bytes: "1a00" },
    { kind: "response_body", bytes: "2200" },
    { kind: "request_trailers", bytes: "2a00" },
    { kind: "response_trailers", bytes: "3200" },
  ])("$kind, go on", (row) => {
    expect(hex(encodeContinue(row.kind))).toBe(row.bytes);
  });
  test("a decision that changes nothing", () => {
    expect(hex(encodeDecision(decided({})))).toBe("0a00");
  });
  test("a cluster set in a header, and the route cache cleared", () => {
    const edits = [{ name: "x-target-cluster", value: "backend_0" }];
    expect(hex(encodeDecision(decided({ edits })))).toBe(
      "0a2b0a2912250a230a1d0a10782d7461726765742d636c75737465721a096261636b656e645f30120018022801",
    );
  });
  test("the response phase asked for", () => {
    expect(hex(encodeDecision(decided({ wants: { responseHeaders: true } })))).toBe("0a004a021001");
  });
  test("an answer with a body", () => {
    expect(hex(encodeAnswer(answer(429, "limit", { body: bytes("slow down") })))).toBe(
      "3a1e0a0308ad031a09736c6f7720646f776e2a0c726966666c655f6c696d6974",
    );
  });
});

describe("a reply that recurs", () => {
  const targetCluster = { name: "x-target-cluster", value: "backend_0" };

  test("is encoded once, for a target's edit", () => {
    expect(encodeDecision(decided({ edits: [targetCluster] }))).toBe(encodeDecision(decided({ edits: [targetCluster] })));
  });
  test("is not taken for another, which says the same or more", () => {
    const alone = hex(encodeDecision(decided({ edits: [targetCluster] })));
    expect(hex(encodeDecision(decided({ edits: [{ ...targetCluster }] })))).toBe(alone);
    const metadata = [{ namespace: "riffle", key: "a", value: 1 }];
    expect(readReply(encodeDecision(decided({ edits: [targetCluster], metadata }))).metadata).toEqual({ riffle: { a: 1 } });
    expect(hex(encodeDecision(decided({ edits: [targetCluster], wants: { responseHeaders: true } })))).toBe(`${alone}4a021001`);
    expect(readReply(encodeDecision(decided({ edits: [targetCluster, { ...targetCluster, value: "backend_1" }] }))).set).toEqual([
      "x-target-cluster: backend_1",
    ]);
  });
  test("is encoded once, for a refusal that says no more than why", () => {
    expect(encodeAnswer(answer(400, "no customer"))).toBe(encodeAnswer(answer(400, "no customer")));
  });
  test("is not taken for another refusal of the same reason", () => {
    const replies = [
      answer(404, "the same reason"),
      answer(503, "the same reason"),
      answer(404, "the same reason", { body: bytes("text") }),
      answer(404, "the same reason", { headers: [{ name: "a", value: "b" }] }),
      answer(404, "the same reason", { grpcStatus: 5 }),
    ].map((refusal) => readReply(encodeAnswer(refusal)));
    expect(replies.map(({ status, body, set, grpcStatus }) => [status, body, set, grpcStatus])).toEqual([
      [404, "", [], undefined],
      [503, "", [], undefined],
      [404, "text", [], undefined],
      [404, "", ["a: b"], undefined],
      [404, "", [], 5],
    ]);
  });
  test("is kept for a bounded number of reasons, and the others are told as well", () => {
    const reasons = Array.from({ length: 1_000 }, (_, index) => `reason ${index}`);
    const replies = reasons.map((why) => encodeAnswer(answer(503, why)));
    expect(replies.map((reply) => readReply(reply).details)).toEqual(reasons.map((why) => `riffle_${why.replace(" ", "_")}`));
    expect(reasons.filter((why, index) => encodeAnswer(answer(503, why)) === replies[index]).length).toBeLessThanOrEqual(256);
  });
});

describe("a decision's changes", () => {
  test("removals and sets are folded, and both clear the route cache", () => {
    const edits = [
      { name: "x-a", value: "1" },
      { name: "x-a", value: undefined },
      { name: "x-b", value: undefined },
      { name: "x-b", value: "caf\xe9" },
    ];
    expect(readReply(encodeDecision(decided({ edits })))).toMatchObject({
      set: ["x-b: caf\xe9"],
      removed: ["x-a"],
      clearsRouteCache: true,
    });
    expect(readReply(encodeDecision(decided({ edits: edits.slice(1, 2) })))).toMatchObject({ removed: ["x-a"], clearsRouteCache: true });
  });
  test("append is said in both of Envoy's ways: BoolValue true and APPEND_IF_EXISTS_OR_ADD (0, so left out)", () => {
    const edits = [{ name: "a", value: "b", append: true as const }];
    expect(hex(encodeDecision(decided({ edits })))).toBe("0a140a1212".concat("0e", "0a0c", "0a060a01611a0162", "12020801", "2801"));
  });
  test("metadata lies in a Struct a namespace, the last value of a key, strings as text", () => {
    const metadata = [
      { namespace: "riffle", key: "customer", value: "caf\xc3\xa9" },
      { namespace: "riffle", key: "size", value: 1 },
      { namespace: "riffle", key: "size", value: 2 },
      { namespace: "envoy.lb", key: "canary", value: true },
      { namespace: "__proto__", key: "raw", value: "\xff" },
    ];
    const { metadata: sent, phase } = readReply(encodeDecision(decided({ metadata })));
    expect(phase).toBe("requestHeaders"); // without a phase member Envoy fails the request
    expect(Object.entries(sent ?? {})).toEqual([
      ["riffle", { customer: "café", size: 2 }],
      ["envoy.lb", { canary: true }],
      ["__proto__", { raw: "\\xff" }],
    ]);
  });
  test("changes of a decision that ends in an answer are not sent", () => {
    const reply = readReply(encodeDecision(decided({ answer: answer(403, "no"), edits: [{ name: "x-a", value: "1" }] })));
    expect(reply).toMatchObject({ phase: "immediateResponse", status: 403, set: [] });
  });
  test("a header that Envoy would fail the request for cannot be encoded", () => {
    expect(() => encodeDecision(decided({ edits: [{ name: "x-a", value: "1\r\nx-b: 2" }] }))).toThrow(TypeError);
  });
});

describe("a response's changes", () => {
  test("stand in the reply to response headers, which clears no route cache: the route has had its say", () => {
    const edits = [
      { name: "x-a", value: undefined },
      { name: "x-b", value: "caf\xe9" },
    ];
    expect(readReply(encodeResponse(edits))).toMatchObject({
      phase: "responseHeaders",
      set: ["x-b: caf\xe9"],
      removed: ["x-a"],
      clearsRouteCache: false,
    });
  });
  test("that remove a header and add to it make it those lines alone: Envoy removes first", () => {
    const lines = ["1", "2"].map((value) => ({ name: "x-a", value, append: true as const }));
    expect(readReply(encodeResponse([{ name: "x-a", value: undefined }, ...lines]))).toMatchObject({
      removed: ["x-a"],
      set: ["x-a: 1 (append)", "x-a: 2 (append)"],
    });
  });
  test("that are none are the plain reply, always the same bytes", () => {
    expect(hex(encodeResponse([]))).toBe("1200");
    expect(encodeResponse([])).toBe(encodeContinue("response_headers"));
  });
  test.each(["a\r\nb", "a\0", "\u0100"])("that Envoy would fail the response for cannot be encoded: %j", (value) => {
    expect(() => encodeResponse([{ name: "x-a", value }])).toThrow(TypeError);
  });
});

describe("an answer", () => {
  test("says in its details who refused and why, without blanks", () => {
    expect(readReply(encodeAnswer(answer(503, "no target of the shard is up")))).toMatchObject({
      status: 503,
      details: "riffle_no_target_of_the_shard_is_up",
      body: "",
      grpcStatus: undefined,
    });
  });
  test.each([204, 304])("with status %d never has a body", (status) => {
    expect(readReply(encodeAnswer(answer(status, "why", { body: bytes("text") })))).toMatchObject({ status, body: "" });
  });
  test("carries headers, repeated ones too, and the gRPC status", () => {
    const headers = [
      { name: "retry-after", value: "1" },
      { name: "set-cookie", value: "a=1", append: true as const },
      { name: "set-cookie", value: "b=2", append: true as const },
    ];
    expect(readReply(encodeAnswer(answer(429, "limit", { headers, grpcStatus: 8 })))).toMatchObject({
      set: ["retry-after: 1", "set-cookie: a=1 (append)", "set-cookie: b=2 (append)"],
      grpcStatus: 8,
    });
  });
  test("carries gRPC status 0 as well", () => {
    expect(readReply(encodeAnswer(answer(200, "cached", { grpcStatus: 0 }))).grpcStatus).toBe(0);
  });
});
