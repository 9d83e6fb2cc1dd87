import { describe, expect, onTestFinished, test, vi } from "vitest";
import { HpackDecoder } from "../../../src/grpc/hpack/decoder.ts";
import { ErrorCode, Flag, Frame, PREFACE } from "../../../src/grpc/http2/protocol.ts";
import { Code, type Inlet, type Method, type Outlet, StatusError } from "../../../src/grpc/types.ts";
import { createPeer } from "../methods.ts";
import { data, frame, grpcHead, headers, message, reset, settings, type WireFrame, windowUpdate } from "./frames.ts";
import { describeFrames, type Served, type ServeOptions, serve } from "./served.ts";

// Calls as they lie on a connection: src/grpc/call.ts, http-refusal.ts and what own.ts opens, without a network.

const { endStream } = Flag;
const head = grpcHead("/test.S/Odd");
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

/** A server of one stream method, and what that has heard. */
async function odd(inlet: (outlet: Outlet) => Partial<Inlet>, options: ServeOptions = {}): Promise<Served & { readonly heard: string[] }> {
  const heard: string[] = [];
  const method: Method = {
    kind: "bidi",
    path: "/test.S/Odd",
    open: (outlet) => {
      const { message, end, cancel } = inlet(outlet);
      return {
        message: (bytes) => {
          heard.push(text(bytes));
          message?.(bytes);
        },
        end: () => {
          heard.push("end");
          end?.();
        },
        cancel: () => {
          heard.push("cancel");
          cancel?.();
        },
      };
    },
  };
  return { ...(await serve({ methods: [method, ...createPeer().methods], ...options })), heard };
}

/** The last block of a reply, as fields. */
function statusOf(frames: readonly WireFrame[]): Readonly<Record<string, string>> {
  const block = frames.findLast(({ type }) => type === Frame.headers)?.payload ?? Buffer.alloc(0);
  const { fields } = new HpackDecoder({ maxTableBytes: 0, maxListBytes: 65_536 }).decode(block);
  return Object.fromEntries(fields.map(({ name, value }) => [name, value]));
}
const codeOf = (frames: readonly WireFrame[]): number => Number(statusOf(frames)["grpc-status"]);
const fail = (cause: Error): never => {
  throw cause;
};
function sendThen(outlet: Outlet, bytes: Uint8Array, step: () => void): void {
  outlet.send(bytes);
  step();
}
const WINDOW_0 = [PREFACE, settings({ initialWindowSize: 0 })];

describe("what is no call", () => {
  test("is answered in plain HTTP once it is whole: status, one line, end", async () => {
    const served = await odd(() => ({}));
    expect(await served.say(headers(1, grpcHead("/", { "content-type": "text/plain" })), data(1, "half of it"))).toEqual([]);
    const reply = await served.say(data(1, "", endStream));
    expect(statusOf(reply)).toEqual({ ":status": "415", "content-type": "text/plain" });
    expect(describeFrames(reply)).toEqual(["headers 1", "data 1", "data 1 end"]);
    expect(statusOf(await served.say(headers(3, grpcHead("/", { ":method": "GET" }), endStream)))[":status"]).toBe("405");
    expect(served.connection.streams).toBe(0);
  });
  test("waits for the window like any other, and goes without a trace when it is reset", async () => {
    const served = await odd(() => ({}), { greeting: WINDOW_0 });
    const get = grpcHead("/", { ":method": "GET" });
    expect(describeFrames(await served.say(headers(1, get, endStream)))).toEqual(["headers 1"]);
    expect(describeFrames(await served.say(windowUpdate(1, 100)))).toEqual(["data 1", "data 1 end"]);
    await served.say(headers(3, get, endStream), reset(3, 8));
    expect(served.connection.streams).toBe(0);
  });
  test("takes a body of any size, of which nothing is kept", async () => {
    const served = await odd(() => ({}));
    await served.say(headers(1, grpcHead("/", { ":method": "PUT" })));
    for (let i = 0; i < 100; i++) await served.say(data(1, Buffer.alloc(16_000)));
    expect([served.process.held, served.errors]).toEqual([0, []]);
    expect(statusOf(await served.say(data(1, "", endStream)))[":status"]).toBe("405");
  });
});

describe("a call that is refused is answered at once, in one block, and reset if the client goes on", () => {
  test.each([
    ["an unknown method", grpcHead("/test.S/None"), Code.unimplemented],
    ["an encoding", grpcHead("/test.S/Odd", { "grpc-encoding": "gzip" }), Code.unimplemented],
    ["a timeout that is none", grpcHead("/test.S/Odd", { "grpc-timeout": "soon" }), Code.internal],
  ])("%s", async (_, fields, code) => {
    const served = await odd(() => ({}));
    const reply = await served.say(headers(1, fields));
    expect([codeOf(reply), describeFrames(reply)]).toEqual([code, ["headers 1 end", `rstStream 1 ${ErrorCode.noError}`]]);
    expect(describeFrames(await served.say(headers(3, fields, endStream)))).toEqual(["headers 3 end"]);
    expect(served.heard).toEqual([]);
  });
});

describe("whatever a method throws ends its own call alone", () => {
  const thrown = new StatusError(Code.notFound, "none");
  test.each<[string, (outlet: Outlet) => Partial<Inlet>]>([
    ["when it opens", () => fail(thrown)],
    ["at a message", () => ({ message: () => fail(thrown) })],
    ["at the client's end", () => ({ end: () => fail(thrown) })],
    ["at the cancel that follows", () => ({ message: () => fail(thrown), cancel: () => fail(new Error("secret")) })],
  ])("%s", async (_, inlet) => {
    const served = await odd(inlet);
    expect(codeOf(await served.say(headers(1, head), data(1, message("x"), endStream)))).toBe(Code.notFound);
    expect(codeOf(await served.say(headers(3, grpcHead("/test.S/Echo")), data(3, message("x"), endStream)))).toBe(Code.ok);
    expect(served.bugs).toEqual([]);
  });
  test("at the cancel of a client that is gone: nobody is told", async () => {
    const served = await odd(() => ({ cancel: () => fail(new Error("secret")) }));
    expect(await served.say(headers(1, head), reset(1, 8))).toEqual([]);
    expect([served.heard, served.bugs]).toEqual([["cancel"], []]);
  });
  test("after it has replied, in trailers behind that", async () => {
    const served = await odd((outlet) => ({ message: (bytes) => sendThen(outlet, bytes, () => fail(new Error("secret"))) }));
    const reply = await served.say(headers(1, head), data(1, message("x"), endStream));
    expect(describeFrames(reply)).toEqual(["headers 1", "data 1", "headers 1 end"]);
    expect(statusOf(reply)).toEqual({ "grpc-status": String(Code.internal), "grpc-message": "internal error" });
  });
});

describe("the end", () => {
  test("inside a message is INTERNAL, and a cancel for the method", async () => {
    const served = await odd(() => ({}));
    expect(codeOf(await served.say(headers(1, head), data(1, message("whole")), data(1, message("half").subarray(0, 6), endStream)))).toBe(
      Code.internal,
    );
    expect(served.heard).toEqual(["whole", "cancel"]);
    expect(served.process.held).toBe(0);
  });
  test("with no body at all is an end, whether HEADERS, an empty DATA or trailers say so", async () => {
    const served = await odd((outlet) => ({ end: () => outlet.end() }));
    const frames = [headers(1, head, endStream), headers(3, head), data(3, "", endStream), headers(5, head), headers(5, [], endStream)];
    expect(describeFrames(await served.say(...frames))).toEqual(["headers 1 end", "headers 3 end", "headers 5 end"]);
    expect(served.heard).toEqual(["end", "end", "end"]);
  });
  test("of the client is told once, though a late reply has to wait after it", async () => {
    const served = await odd((outlet) => ({ end: () => setImmediate(() => outlet.send(Buffer.from("late"))) }), { greeting: WINDOW_0 });
    await served.say(headers(1, head, endStream));
    expect(describeFrames(await served.say(windowUpdate(1, 100)))).toContain("data 1");
    expect(served.heard).toEqual(["end"]);
  });
  test("of ours, twice or after messages nobody may send any more, is the first one", async () => {
    const served = await odd((outlet) => {
      outlet.end({ code: Code.notFound, message: "first" });
      outlet.send(Buffer.from("never"));
      outlet.end();
      return {};
    });
    const reply = await served.say(headers(1, head), data(1, message("x")));
    expect(describeFrames(reply)).toEqual(["headers 1 end", `rstStream 1 ${ErrorCode.noError}`]);
    expect([statusOf(reply)["grpc-message"], served.heard]).toEqual(["first", []]);
  });
});

describe("a client that does not read", () => {
  const echo = (outlet: Outlet): Partial<Inlet> => ({ message: (bytes) => outlet.send(bytes), end: () => outlet.end() });

  test("is heard again in order once it does, and nothing was lost", async () => {
    const served = await odd(echo, { greeting: WINDOW_0 });
    const sent = ["one", "two", "", "three", "x".repeat(40_000)];
    const body = Buffer.concat(sent.map((each) => message(each)));
    const parts = Array.from({ length: Math.ceil(body.length / 10_000) }, (_, i) => data(1, body.subarray(i * 10_000, (i + 1) * 10_000)));
    await served.say(headers(1, head), ...parts, data(1, "", endStream));
    expect(served.heard).toEqual(["one"]);
    expect(served.process.held).toBeGreaterThan(40_000);
    const reply: WireFrame[] = [];
    for (let i = 0; i < 40 && served.connection.streams > 0; i++) reply.push(...(await served.say(windowUpdate(1, 1 + i * 100))));
    expect(served.heard).toEqual([...sent, "end"]);
    expect(Buffer.concat(reply.filter(({ type }) => type === Frame.data).map(({ payload }) => payload))).toEqual(body);
    expect([codeOf(reply), served.process.held]).toEqual([0, 0]);
  });
  test("sends no more than its window meanwhile: what we do not take we do not grant", async () => {
    const served = await odd(echo, { greeting: WINDOW_0 });
    const replies = await served.say(
      headers(1, head),
      data(1, message("x")),
      ...Array.from({ length: 60 }, () => data(1, Buffer.alloc(16_000))),
    );
    expect(describeFrames(replies)).toEqual(["headers 1"]);
    expect(describeFrames(await served.say(windowUpdate(1, 2 ** 20)))).toContain("windowUpdate 1");
  });
  test("may end its call, and gets what is owed and the status when it reads", async () => {
    const served = await odd((outlet) => ({ message: (bytes) => sendThen(outlet, bytes, () => outlet.end()) }), { greeting: WINDOW_0 });
    await served.say(headers(1, head), data(1, message("x")), data(1, Buffer.alloc(10_000)));
    expect(served.connection.streams).toBe(1);
    expect(served.process.held).toBeGreaterThan(0);
    expect(describeFrames(await served.say(windowUpdate(1, 100)))).toEqual([
      "data 1",
      "data 1",
      "headers 1 end",
      `rstStream 1 ${ErrorCode.noError}`,
    ]);
    expect([served.process.held, served.connection.streams]).toEqual([0, 0]);
  });
  test("and is told of our end behind what is owed, when all it sent meanwhile is dropped", async () => {
    const outlets: Outlet[] = [];
    const late = (outlet: Outlet): Partial<Inlet> => {
      outlets.push(outlet);
      return echo(outlet);
    };
    const served = await odd(late, { greeting: WINDOW_0 });
    await served.say(headers(1, head), data(1, message("x")), data(1, Buffer.alloc(10_000)));
    outlets[0]?.end();
    expect(describeFrames(await served.say(windowUpdate(1, 100))).at(-2)).toBe("headers 1 end");
    expect([served.heard, served.process.held]).toEqual([["x"], 0]);
  });
  test("and lets replies pile up is reset with ENHANCE_YOUR_CALM, and all is given back", async () => {
    const outlets: Outlet[] = [];
    const keep = (outlet: Outlet): Partial<Inlet> => {
      outlets.push(outlet);
      return {};
    };
    const served = await odd(keep, { greeting: WINDOW_0, limits: { streamBytes: 1_000 } });
    await served.say(headers(1, head));
    for (let i = 0; i < 3; i++) outlets[0]?.send(Buffer.alloc(400));
    expect(describeFrames(await served.say())).toEqual(["headers 1", `rstStream 1 ${ErrorCode.enhanceYourCalm}`]);
    outlets[0]?.send(Buffer.from("never"));
    outlets[0]?.end();
    expect(await served.say()).toEqual([]);
    expect([served.heard, served.process.held, served.connection.streams]).toEqual([["cancel"], 0, 0]);
  });
  test("once too often ends the connection, and all is given back then too, no byte of it twice", async () => {
    const limits = { streamBytes: 1_000, resets: { burst: 1, perSecond: 0 } };
    const served = await odd(echo, { greeting: WINDOW_0, limits });
    const greedy = (stream: number): readonly Buffer[] => [
      headers(stream, head),
      data(stream, message("x".repeat(900))),
      data(stream, Buffer.alloc(200)),
    ];
    await served.say(headers(1, head), data(1, message("waits")), ...greedy(3));
    expect(served.process.held).toBeGreaterThan(0);
    expect(describeFrames(await served.say(...greedy(5))).at(-1)).toBe(`goAway ${ErrorCode.enhanceYourCalm}`);
    expect([served.process.held, served.connection.streams]).toEqual([0, 0]);
  });
  test("and sends on more than the stream may hold is reset likewise", async () => {
    const served = await odd(echo, { greeting: WINDOW_0, limits: { streamBytes: 1_000 } });
    const reply = await served.say(headers(1, head), data(1, message("x")), data(1, Buffer.alloc(1_001)));
    expect(describeFrames(reply)).toEqual(["headers 1", `rstStream 1 ${ErrorCode.enhanceYourCalm}`]);
    expect([served.heard, served.process.held]).toEqual([["x", "cancel"], 0]);
  });
});

describe("sizes", () => {
  test("a message in many parts that does not fit what the stream may hold is RESOURCE_EXHAUSTED", async () => {
    const served = await odd(() => ({}), { limits: { streamBytes: 1_000 } });
    const reply = await served.say(headers(1, head), data(1, message("x".repeat(2_000)).subarray(0, 1_500)));
    expect([codeOf(reply), served.heard, served.process.held]).toEqual([Code.resourceExhausted, ["cancel"], 0]);
  });
  test("a reply over the limit is not sent: RESOURCE_EXHAUSTED, and a cancel for the method", async () => {
    const served = await odd((outlet) => ({ message: () => outlet.send(Buffer.alloc(1_001)) }), { limits: { messageBytes: 1_000 } });
    const reply = await served.say(headers(1, head), data(1, message("x")));
    expect([codeOf(reply), served.heard]).toEqual([Code.resourceExhausted, ["x", "cancel"]]);
    expect(describeFrames(reply)).toEqual(["headers 1 end", `rstStream 1 ${ErrorCode.noError}`]);
  });
});

describe("a deadline", () => {
  const within = (timeout: string) => grpcHead("/test.S/Odd", { "grpc-timeout": timeout });

  test("that passes ends the call with DEADLINE_EXCEEDED, and is a cancel for the method", async () => {
    const served = await odd(() => ({}));
    const reply = [...(await served.say(headers(1, within("20m")), data(1, message("x"))))];
    while (served.connection.streams > 0) reply.push(...(await served.say()));
    expect([codeOf(reply), served.heard]).toEqual([Code.deadlineExceeded, ["x", "cancel"]]);
  });
  test("of a call that has ended, or was reset, is forgotten", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const served = await odd((outlet) => ({ message: () => outlet.end() }));
    await served.say(headers(1, within("1H")), headers(3, within("1H")));
    expect(vi.getTimerCount()).toBe(2);
    await served.say(data(1, message("x")), reset(3, 8));
    expect(vi.getTimerCount()).toBe(0);
    expect(served.heard).toEqual(["x", "cancel"]);
  });
});

test("a unary call takes one message and one end, however they come", async () => {
  const served = await serve({ methods: createPeer().methods });
  const echo = grpcHead("/test.S/Echo");
  expect(codeOf(await served.say(headers(1, echo, endStream)))).toBe(Code.unimplemented);
  expect(codeOf(await served.say(headers(3, echo), data(3, Buffer.concat([message("1"), message("2")]))))).toBe(Code.unimplemented);
  expect(
    codeOf(
      await served.say(
        headers(5, echo),
        data(5, message("1").subarray(0, 3)),
        frame(Frame.data, 0, 5, message("1").subarray(3)),
        data(5, "", endStream),
      ),
    ),
  ).toBe(Code.ok);
  expect(served.process.held).toBe(0);
});
