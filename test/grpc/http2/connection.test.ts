import { describe, expect, test } from "vitest";
import { encodeBlock } from "../../../src/grpc/hpack/encoder.ts";
import type { HeaderField } from "../../../src/grpc/hpack/field.ts";
import type { Connection } from "../../../src/grpc/http2/connection.ts";
import { ErrorCode, Flag, Frame, PREFACE, Setting } from "../../../src/grpc/http2/protocol.ts";
import type { Stream, StreamHandler } from "../../../src/grpc/http2/stream.ts";
import type { Method } from "../../../src/grpc/types.ts";
import { createPeer } from "../methods.ts";
import {
  data,
  frame,
  grpcHead,
  headers,
  message,
  ping,
  reset,
  SETTINGS_ACK,
  settings,
  settingsPayload,
  uint32,
  windowUpdate,
} from "./frames.ts";
import { describeFrames, type Served, serve } from "./served.ts";

const ECHO = grpcHead("/test.S/Echo");
const CHAT = grpcHead("/test.S/Chat");
const HOLD = grpcHead("/test.S/Hold");
const { endStream, endHeaders, padded, priority } = Flag;

const withPeer = async (options: Parameters<typeof serve>[0] = {}): Promise<Served & { log(): readonly string[] }> => {
  const peer = createPeer();
  return { ...(await serve({ methods: peer.methods, ...options })), log: () => peer.log() };
};
const said = async (served: Served, ...frames: readonly Uint8Array[]): Promise<readonly string[]> =>
  describeFrames(await served.say(...frames));
const block = (fields: readonly HeaderField[]): Buffer => Buffer.from(encodeBlock(fields));
const withPriority = (dependsOn: number, rest: Uint8Array): Buffer => Buffer.concat([uint32(dependsOn), Buffer.of(15), rest]);
const pad = (bytes: Uint8Array, padding: number): Buffer => Buffer.concat([Buffer.of(padding), bytes, Buffer.alloc(padding)]);

describe("a connection opens", () => {
  test("with our settings and the whole connection's window, before the client has said a word", async () => {
    const { socket, connection } = await withPeer({ greeting: [] });
    expect(connection.streams).toBe(0);
    expect(socket.takeFrames()).toEqual([]); // taken by serve
    const other = await serve({ greeting: [PREFACE.subarray(0, 5)] });
    expect(await said(other)).toEqual([]);
    expect(await said(other, PREFACE.subarray(5), settings())).toEqual(["settings ack"]);
  });
  test("and serves from the first read on, settings and calls in one piece", async () => {
    const served = await withPeer({ greeting: [] });
    expect(await said(served, PREFACE, settings(), headers(1, ECHO), data(1, message("hi"), endStream))).toEqual([
      ...["settings ack", "headers 1", "data 1", "headers 1 end"],
    ]);
  });
  test.each([
    ["no preface", [Buffer.from("GET / HTTP/1.1\r\n\r\n            ")], ErrorCode.protocolError],
    ["a frame before its settings", [PREFACE, ping()], ErrorCode.protocolError],
    ["a request before its settings", [PREFACE, headers(1, ECHO)], ErrorCode.protocolError],
  ])("or ends with an error where the client begins with %s", async (_, greeting, code) => {
    const served = await withPeer({ greeting: [] });
    expect(await said(served, ...greeting)).toEqual([`goAway ${code}`]);
    expect(served.socket.writableEnded).toBe(true);
    expect(served.errors).toHaveLength(1);
  });
});

describe("one request is answered alike however it comes", () => {
  const whole = block(ECHO);
  const answer = ["headers 1", "data 1", "headers 1 end"];
  const body = data(1, message("hi"), endStream);
  test.each<[string, readonly Buffer[]]>([
    ["plain", [headers(1, ECHO), body]],
    [
      "padded",
      [frame(Frame.headers, endHeaders | padded, 1, pad(whole, 50)), frame(Frame.data, endStream | padded, 1, pad(message("hi"), 200))],
    ],
    [
      "padded by nothing",
      [frame(Frame.headers, endHeaders | padded, 1, pad(whole, 0)), frame(Frame.data, endStream | padded, 1, pad(message("hi"), 0))],
    ],
    ["with a priority", [frame(Frame.headers, endHeaders | priority, 1, withPriority(3, whole)), body]],
    ["with an exclusive priority", [frame(Frame.headers, endHeaders | priority, 1, withPriority(0x80000000, whole)), body]],
    ["padded, with a priority", [frame(Frame.headers, endHeaders | priority | padded, 1, pad(withPriority(0, whole), 9)), body]],
    [
      "its head in three frames, one empty",
      [
        frame(Frame.headers, 0, 1, whole.subarray(0, 3)),
        frame(Frame.continuation, 0, 1),
        frame(Frame.continuation, endHeaders, 1, whole.subarray(3)),
        body,
      ],
    ],
    [
      "its body in one frame a byte, an empty one between",
      [headers(1, ECHO), ...bytewise(message("hi")), data(1, ""), data(1, "", endStream)],
    ],
    ["ended by trailers", [headers(1, ECHO), data(1, message("hi")), headers(1, [{ name: "x-checksum", value: "0" }], endStream)]],
    ["with a content-length that is true", [headers(1, grpcHead("/test.S/Echo", { "content-length": "7" })), body]],
    ["with unknown frames and pings between", [frame(0xf0, 255, 1, Buffer.from("?")), headers(1, ECHO), frame(0x77, 0, 0), body]],
    [
      "with the stream's priority said before and after",
      [priorityFrame(1, 0), headers(1, ECHO), priorityFrame(1, 3), body, priorityFrame(1, 5)],
    ],
    [
      "with flags that mean nothing",
      [frame(Frame.headers, endHeaders | 0xd2, 1, whole), frame(Frame.data, endStream | 0xf6, 1, message("hi"))],
    ],
  ])("%s", async (_, frames) => {
    const served = await withPeer();
    expect(await said(served, ...frames)).toEqual(answer);
    expect(served.connection.streams).toBe(0);
    expect(served.errors).toEqual([]);
  });
  test("to the last of many on one connection, ids may be skipped", async () => {
    const served = await withPeer();
    for (const id of [1, 3, 99, 2 ** 31 - 1]) {
      expect(await said(served, headers(id, ECHO), data(id, message("hi"), endStream))).toHaveLength(3);
    }
  });
});

describe("what breaks the whole connection is answered with GOAWAY, and nothing is read any more", () => {
  const open = headers(1, HOLD);
  test.each<[string, readonly Buffer[], number]>([
    ["DATA on stream 0", [data(0, "x")], ErrorCode.protocolError],
    ["DATA on an idle stream", [data(1, "x")], ErrorCode.protocolError],
    ["DATA on a stream of even number", [data(2, "x")], ErrorCode.protocolError],
    ["DATA padded by more than it holds", [open, frame(Frame.data, padded, 1, Buffer.of(2, 0))], ErrorCode.protocolError],
    ["DATA padded without saying by how much", [open, frame(Frame.data, padded, 1)], ErrorCode.protocolError],
    ["HEADERS on stream 0", [headers(0, ECHO)], ErrorCode.protocolError],
    ["HEADERS on a stream of even number", [headers(2, ECHO)], ErrorCode.protocolError],
    ["HEADERS on a stream below the last", [headers(5, HOLD), headers(3, ECHO)], ErrorCode.streamClosed],
    ["HEADERS on a stream that has ended", [headers(1, ECHO), data(1, message(""), endStream), headers(1, ECHO)], ErrorCode.streamClosed],
    ["HEADERS padded by more than it holds", [frame(Frame.headers, endHeaders | padded, 1, Buffer.of(9, 0x88))], ErrorCode.protocolError],
    ["HEADERS too short for its priority", [frame(Frame.headers, endHeaders | priority, 1, Buffer.alloc(4))], ErrorCode.frameSizeError],
    ["HEADERS with a block that cannot be decoded", [frame(Frame.headers, endHeaders, 1, Buffer.of(0xff))], ErrorCode.compressionError],
    [
      "trailers with a block that cannot be decoded",
      [open, frame(Frame.headers, endHeaders | endStream, 1, Buffer.of(0x80))],
      ErrorCode.compressionError,
    ],
    ["a block interrupted by another frame", [frame(Frame.headers, 0, 1), ping()], ErrorCode.protocolError],
    ["a block interrupted by an unknown frame", [frame(Frame.headers, 0, 1), frame(0xf0, 0, 0)], ErrorCode.protocolError],
    [
      "a block interrupted by another stream's",
      [frame(Frame.headers, 0, 1), frame(Frame.continuation, endHeaders, 3)],
      ErrorCode.protocolError,
    ],
    ["CONTINUATION of nothing", [frame(Frame.continuation, endHeaders, 1)], ErrorCode.protocolError],
    ["CONTINUATION after the end of a block", [open, frame(Frame.continuation, endHeaders, 1)], ErrorCode.protocolError],
    ["PRIORITY on stream 0", [priorityFrame(0, 1)], ErrorCode.protocolError],
    ["PRIORITY of four bytes", [frame(Frame.priority, 0, 1, Buffer.alloc(4))], ErrorCode.frameSizeError],
    ["RST_STREAM on stream 0", [reset(0, 8)], ErrorCode.protocolError],
    ["RST_STREAM on an idle stream", [reset(1, 8)], ErrorCode.protocolError],
    ["RST_STREAM of three bytes", [open, frame(Frame.rstStream, 0, 1, Buffer.alloc(3))], ErrorCode.frameSizeError],
    ["SETTINGS on a stream", [frame(Frame.settings, 0, 1)], ErrorCode.protocolError],
    ["SETTINGS of five bytes", [frame(Frame.settings, 0, 0, Buffer.alloc(5))], ErrorCode.frameSizeError],
    ["an acknowledgement with something in it", [frame(Frame.settings, Flag.ack, 0, Buffer.alloc(6))], ErrorCode.frameSizeError],
    ["SETTINGS out of bounds", [frame(Frame.settings, 0, 0, settingsPayload([[Setting.enablePush, 2]]))], ErrorCode.protocolError],
    ["PUSH_PROMISE", [open, frame(Frame.pushPromise, endHeaders, 1, Buffer.alloc(4))], ErrorCode.protocolError],
    ["PING on a stream", [frame(Frame.ping, 0, 1, Buffer.alloc(8))], ErrorCode.protocolError],
    ["PING of seven bytes", [frame(Frame.ping, 0, 0, Buffer.alloc(7))], ErrorCode.frameSizeError],
    ["GOAWAY on a stream", [frame(Frame.goAway, 0, 1, Buffer.alloc(8))], ErrorCode.protocolError],
    ["GOAWAY of seven bytes", [frame(Frame.goAway, 0, 0, Buffer.alloc(7))], ErrorCode.frameSizeError],
    ["WINDOW_UPDATE of five bytes", [frame(Frame.windowUpdate, 0, 0, Buffer.alloc(5))], ErrorCode.frameSizeError],
    ["WINDOW_UPDATE of the connection by nothing", [windowUpdate(0, 0)], ErrorCode.protocolError],
    ["WINDOW_UPDATE on an idle stream", [windowUpdate(1, 1)], ErrorCode.protocolError],
    ["WINDOW_UPDATE of the connection over 2^31-1", [windowUpdate(0, 2 ** 31 - 1)], ErrorCode.flowControlError],
    ["a frame of 16,385 bytes", [open, frame(Frame.data, 0, 1, Buffer.alloc(16_385))], ErrorCode.frameSizeError],
  ])("%s", async (_, frames, code) => {
    const served = await withPeer();
    const replies = await said(served, ...frames, ping(Buffer.from("too late")));
    expect(replies.at(-1)).toBe(`goAway ${code}`);
    expect(replies).not.toContain("ping ack");
    expect(served.socket.writableEnded).toBe(true);
    expect(served.connection.streams).toBe(0);
    expect([served.errors.length, served.bugs]).toEqual([1, []]);
  });
  test("every open stream hears of it, once, and GOAWAY names the last one heard", async () => {
    const served = await withPeer();
    await served.say(headers(1, HOLD), headers(7, HOLD));
    const [goAway] = await served.say(data(0, "x"), data(0, "x"));
    expect(goAway?.payload.readUInt32BE(0)).toBe(7);
    expect(served.log()).toEqual(["open", "open", "cancel", "cancel"]);
    served.socket.destroy();
    await served.say();
    expect(served.log()).toHaveLength(4);
  });
  test("a DATA frame beyond the connection's window is one", async () => {
    const served = await withPeer({ prepare: () => () => IDLE });
    const full = Buffer.alloc(16_384);
    const frames = Array.from({ length: 17 }, (_, i) => [
      headers(2 * i + 1, HOLD),
      ...Array.from({ length: 64 }, () => data(2 * i + 1, full)),
    ]).flat();
    expect((await said(served, ...frames)).at(-1)).toBe(`goAway ${ErrorCode.flowControlError}`);
  });
});

describe("what breaks one stream resets that alone", () => {
  const open = headers(1, HOLD);
  const bad = (more: Parameters<typeof grpcHead>[1]): Buffer => headers(1, grpcHead("/test.S/Hold", more));
  test.each<[string, readonly Buffer[], number]>([
    ["a malformed head", [bad({ "x-Capital": "x" })], ErrorCode.protocolError],
    [
      "a head that depends on itself",
      [frame(Frame.headers, endHeaders | priority, 1, withPriority(1, block(HOLD)))],
      ErrorCode.protocolError,
    ],
    [
      "a head in two frames that depends on itself",
      [frame(Frame.headers, priority, 1, withPriority(1, block(HOLD))), frame(Frame.continuation, endHeaders, 1)],
      ErrorCode.protocolError,
    ],
    ["PRIORITY on itself", [open, priorityFrame(1, 1)], ErrorCode.protocolError],
    ["trailers that do not end it", [open, headers(1, [{ name: "x", value: "y" }])], ErrorCode.protocolError],
    ["trailers with a pseudo-header field", [open, headers(1, HOLD, endStream)], ErrorCode.protocolError],
    ["trailers too large", [open, headers(1, [{ name: "x", value: "y".repeat(10_000) }], endStream)], ErrorCode.enhanceYourCalm],
    ["DATA after its end", [headers(1, HOLD, endStream), data(1, "x")], ErrorCode.streamClosed],
    ["HEADERS after its end", [headers(1, HOLD, endStream), headers(1, [], endStream)], ErrorCode.streamClosed],
    ["WINDOW_UPDATE by nothing", [open, windowUpdate(1, 0)], ErrorCode.protocolError],
    ["WINDOW_UPDATE over 2^31-1", [open, windowUpdate(1, 2 ** 31 - 1)], ErrorCode.flowControlError],
    [
      "a body announced and none sent",
      [headers(1, grpcHead("/test.S/Hold", { "content-length": "1" }), endStream)],
      ErrorCode.protocolError,
    ],
    ["a body shorter than announced", [bad({ "content-length": "9" }), data(1, message(""), endStream)], ErrorCode.protocolError],
    [
      "a body shorter than announced, ended by trailers",
      [bad({ "content-length": "9" }), data(1, message("")), headers(1, [], endStream)],
      ErrorCode.protocolError,
    ],
    ["a body longer than announced", [bad({ "content-length": "4" }), data(1, message(""))], ErrorCode.protocolError],
  ])("%s", async (_, frames, code) => {
    const served = await withPeer({ limits: { headerListBytes: 9_000 } });
    expect(await said(served, ...frames)).toEqual([`rstStream 1 ${code}`]);
    expect(served.log().filter((entry) => entry === "cancel")).toHaveLength(served.log().includes("open") ? 1 : 0);
    expect(served.connection.streams).toBe(0);
    expect(await said(served, headers(3, ECHO), data(3, message("on"), endStream))).toEqual(["headers 3", "data 3", "headers 3 end"]);
    expect(served.errors).toEqual([]);
  });
  test("DATA beyond the stream's window", async () => {
    const served = await serve({ prepare: () => () => IDLE });
    const frames = Array.from({ length: 65 }, () => data(1, Buffer.alloc(16_384)));
    expect((await said(served, headers(1, HOLD), ...frames)).at(-1)).toBe(`rstStream 1 ${ErrorCode.flowControlError}`);
  });
  test("DATA on a stream long gone", async () => {
    const served = await withPeer();
    await served.say(headers(1, ECHO), data(1, message(""), endStream));
    expect(await said(served, data(1, "x"))).toEqual([`rstStream 1 ${ErrorCode.streamClosed}`]);
  });
});

describe("what was on its way when a stream ended is let pass", () => {
  test("frames of any kind after the client's reset or ours", async () => {
    const served = await withPeer();
    expect(await said(served, headers(1, CHAT), data(1, message("quit")))).toEqual(["headers 1 end", `rstStream 1 ${ErrorCode.noError}`]);
    const late = [
      data(1, "x"),
      data(1, ""),
      windowUpdate(1, 5),
      headers(1, [], endStream),
      priorityFrame(1, 0),
      reset(1, 8),
      data(1, "x", endStream),
    ];
    expect(await said(served, ...late)).toEqual([]);
    await served.say(headers(3, HOLD), reset(3, 8));
    expect(await said(served, windowUpdate(3, 5), reset(3, 8), priorityFrame(3, 0))).toEqual([]);
    expect(served.errors).toEqual([]);
  });
  test("but what comes after the client's own end was not", async () => {
    const served = await withPeer();
    await served.say(headers(1, CHAT), data(1, message("quit")), data(1, "", endStream));
    expect(await said(served, data(1, "x"))).toEqual([`rstStream 1 ${ErrorCode.streamClosed}`]);
  });
  test("a thousand streams back, and no further", async () => {
    const served = await withPeer();
    for (let i = 0; i <= 1_000; i++) await served.socket.say(headers(2 * i + 1, CHAT), data(2 * i + 1, message("quit")));
    await served.say();
    expect(await said(served, data(3, "x"))).toEqual([]);
    expect(await said(served, data(1, "x"))).toEqual([`rstStream 1 ${ErrorCode.streamClosed}`]);
  });
});

describe("small talk", () => {
  test("a ping is answered with its own bytes, an answer to none is let pass", async () => {
    const served = await withPeer();
    const [pong] = await served.say(ping(Buffer.from("12345678")), ping(Buffer.from("unasked!"), Flag.ack));
    expect([pong?.flags, pong?.payload.toString()]).toEqual([Flag.ack, "12345678"]);
    expect(await said(served, SETTINGS_ACK)).toEqual([]);
  });
  test("settings are acknowledged before what they let go", async () => {
    const served = await withPeer({ greeting: [PREFACE, settings({ initialWindowSize: 0 })] });
    expect(await said(served, headers(1, CHAT), data(1, message("x")))).toEqual(["headers 1"]);
    expect(await said(served, settings({ initialWindowSize: 6 }))).toEqual(["settings ack", "data 1", "data 1"]);
  });
});

describe("our windows", () => {
  test("are opened again as the body is taken, padding and all, before half of them is gone", async () => {
    const served = await withPeer();
    const part = frame(Frame.data, padded, 1, pad(Buffer.alloc(16_000), 255));
    const granted = { 0: 0, 1: 0 };
    let sent = 0;
    // The body is one message of 8 MiB, which is taken as it comes.
    await served.say(headers(1, HOLD), data(1, Buffer.concat([Buffer.of(0), uint32(8 * 1024 * 1024)])));
    for (; sent < 520 * 16_256; sent += 16_256) {
      for (const { type, stream, payload } of await served.say(part)) {
        expect(type).toBe(Frame.windowUpdate);
        granted[stream === 0 ? 0 : 1] += payload.readUInt32BE(0);
      }
      expect(granted[1]).toBeGreaterThan(sent - 2 ** 19);
      expect(granted[0]).toBeGreaterThan(sent - 2 ** 23);
    }
    expect([granted[0] > 0, granted[0] <= sent + 5, granted[1] <= sent + 5]).toEqual([true, true, true]);
  });
  test("of the connection get back what a stream held when it ended", async () => {
    const served = await serve({ prepare: () => () => IDLE }); // takes nothing
    const body = (stream: number): readonly Buffer[] => Array.from({ length: 33 }, () => data(stream, Buffer.alloc(16_000)));
    for (let stream = 1; stream < 200; stream += 2) await served.say(headers(stream, HOLD), ...body(stream), reset(stream, 8));
    expect(served.errors).toEqual([]);
  });
});

describe("leaving", () => {
  const DRAIN = uint32(0x72696666, 0x72696666);
  test("in two steps, so that no stream on its way is lost; then it waits for the last", async () => {
    const served = await withPeer();
    await served.say(headers(1, CHAT));
    served.connection.drain(60_000);
    const [goAway, probe] = await served.say();
    expect([goAway?.payload.readUInt32BE(0), probe?.payload]).toEqual([2 ** 31 - 1, DRAIN]);
    expect(await said(served, headers(3, CHAT), data(3, message("x")))).toEqual(["headers 3", "data 3"]);
    const [second] = await served.say(ping(DRAIN, Flag.ack));
    expect(second?.payload.readUInt32BE(0)).toBe(3);
    expect(await said(served, headers(5, CHAT))).toEqual([`rstStream 5 ${ErrorCode.refusedStream}`]);
    expect(await said(served, data(1, "", endStream))).toEqual(["headers 1 end"]);
    expect(served.socket.writableEnded).toBe(false);
    expect(await said(served, data(3, message("y"), endStream))).toEqual(["data 3", "headers 3 end"]);
    expect(served.socket.writableEnded).toBe(true);
    expect(served.errors).toEqual([]);
  });
  test("from a client that answers no ping, after a while", async () => {
    const served = await withPeer();
    served.connection.drain(1);
    expect((await served.say()).length).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(served.socket.writableEnded).toBe(true);
  });
  test("asked for twice is one leave, and from a client that never said a word it is at once", async () => {
    const served = await withPeer();
    served.connection.drain(60_000);
    served.connection.drain(60_000);
    expect(await said(served)).toEqual(["goAway 0", "ping"]);
    const mute = await withPeer({ greeting: [] });
    mute.connection.drain(60_000);
    expect(mute.socket.destroyed).toBe(true);
  });
  test("of the client lets what is open finish, and then the connection ends", async () => {
    const served = await withPeer();
    await served.say(headers(1, CHAT));
    expect(await said(served, frame(Frame.goAway, 0, 0, uint32(0, 0)))).toEqual(["goAway 0"]);
    expect(await said(served, frame(Frame.goAway, 0, 0, uint32(0, 0)))).toEqual([]);
    expect(await said(served, data(1, message("x"), endStream))).toEqual(["headers 1", "data 1", "headers 1 end"]);
    expect(served.socket.writableEnded).toBe(true);
  });
  test("of a client that is gone, or breaks off, is a cancel for each stream and gives all memory back", async () => {
    for (const leave of [
      (served: Served) => served.socket.destroy(),
      (served: Served) => served.socket.emit("error", new Error("ECONNRESET")),
    ]) {
      const served = await withPeer({ greeting: [PREFACE, settings({ initialWindowSize: 0 })] });
      await served.say(headers(1, CHAT), data(1, message("waits")), headers(3, CHAT), data(3, message("half").subarray(0, 7)));
      expect(served.process.held).toBeGreaterThan(0);
      leave(served);
      await new Promise(setImmediate);
      expect(served.log().filter((entry) => entry === "cancel")).toHaveLength(2);
      expect([served.process.held, served.connection.streams]).toEqual([0, 0]);
    }
  });
  test("what a method says while its connection is being ended is written nowhere", async () => {
    const outlets: { send(message: Uint8Array): void; end(): void }[] = [];
    const gossip: Method = {
      kind: "bidi",
      path: "/test.S/Gossip",
      open: (outlet) => {
        outlets.push(outlet);
        const tellAll = (): void => {
          for (const each of outlets) {
            each.send(Buffer.from("one of us is gone"));
            each.end();
          }
        };
        return { message: () => {}, end: () => {}, cancel: tellAll };
      },
    };
    const served = await serve({ methods: [gossip] });
    const errors: unknown[] = [];
    served.socket.on("error", (error) => errors.push(error));
    await served.say(headers(1, grpcHead("/test.S/Gossip")), headers(3, grpcHead("/test.S/Gossip")));
    expect(await said(served, data(0, "x"))).toEqual([`goAway ${ErrorCode.protocolError}`]);
    expect([errors, served.bugs, served.process.held]).toEqual([[], [], 0]);
  });
});

describe("silence", () => {
  const IDLE_MS = 300_000;
  const check = (served: Served, waitMs: number): void => served.connection.checkIdle(served.wait(waitMs));

  test("of a client that never sends its settings ends the connection without a word", async () => {
    const served = await withPeer({ greeting: [PREFACE] });
    check(served, 10_000);
    expect(served.socket.destroyed).toBe(false);
    check(served, 1);
    expect(served.socket.destroyed).toBe(true);
    expect(await said(served)).toEqual([]);
  });
  test("of a client with nothing open ends it with GOAWAY NO_ERROR, which is no error", async () => {
    const served = await withPeer();
    check(served, IDLE_MS);
    expect(await said(served)).toEqual([]);
    check(served, 1);
    expect(await said(served)).toEqual(["goAway 0"]);
    expect(served.errors).toEqual([]);
  });
  test("of one that has a stream open is asked about once, and again after an answer", async () => {
    const served = await withPeer();
    await served.say(headers(1, HOLD));
    check(served, IDLE_MS + 1);
    check(served, 1);
    const asked = await served.say();
    expect(describeFrames(asked)).toEqual(["ping"]);
    await served.say(ping(asked[0]?.payload, Flag.ack));
    check(served, IDLE_MS);
    expect(await said(served)).toEqual([]);
    check(served, 1);
    expect(await said(served)).toEqual(["ping"]);
  });
  test("of one that does not answer ends it, and its streams are cancelled", async () => {
    const served = await withPeer();
    await served.say(headers(1, HOLD));
    check(served, IDLE_MS + 1);
    check(served, IDLE_MS);
    expect(await said(served)).toEqual(["ping", "goAway 0"]);
    expect(served.log()).toEqual(["open", "cancel"]);
  });
});

describe("a full socket", () => {
  test("is not read from until it has room", async () => {
    const served = await withPeer();
    await served.say(settings({ initialWindowSize: 2 ** 30 }), windowUpdate(0, 2 ** 30));
    served.socket.fill();
    const large = message("x".repeat(100_000));
    await served.say(headers(1, CHAT), ...Array.from({ length: 7 }, (_, i) => data(1, large.subarray(i * 16_000, (i + 1) * 16_000))));
    expect(served.socket.isPaused()).toBe(true);
    served.socket.drain();
    await served.say();
    expect(served.socket.isPaused()).toBe(false);
  });
});

test("a bug of ours is told, and ends the connection with INTERNAL_ERROR", async () => {
  const bug = new TypeError("a bug");
  const prepare = () => (): StreamHandler => {
    throw bug;
  };
  const served = await serve({ prepare });
  expect(await said(served, headers(1, HOLD))).toEqual([`goAway ${ErrorCode.internalError}`]);
  expect(served.bugs).toEqual([bug]);
});

test("a stream that is answered while it opens hears nothing more, though its request has ended", async () => {
  const heard: string[] = [];
  const handler: StreamHandler = { ...IDLE, remoteEnd: () => heard.push("end"), closed: () => heard.push("closed") };
  const prepare = () => (connection: Connection, stream: Stream) => {
    connection.sendHeaders(stream, block([{ name: ":status", value: "404" }]), true);
    return handler;
  };
  const served = await serve({ prepare });
  expect(await said(served, headers(1, HOLD, endStream))).toEqual(["headers 1 end"]);
  expect([heard, served.connection.streams]).toEqual([[], 0]);
});

test("a head that came before is not read again, and means the same on every stream", async () => {
  let prepared = 0;
  const opened: number[] = [];
  const served = await serve({
    prepare: () => {
      prepared++;
      return (_: Connection, { id }: Stream) => {
        opened.push(id);
        return IDLE;
      };
    },
  });
  const others = Array.from({ length: 6 }, (_, i) => grpcHead(`/test.S/${i}`));
  await served.say(
    headers(1, HOLD),
    headers(3, HOLD),
    headers(5, HOLD),
    ...others.map((head, i) => headers(7 + 2 * i, head)),
    headers(19, HOLD),
  );
  expect(opened).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
  expect(prepared).toBe(1 + 6 + 1); // forgotten for six others
});

/** Takes everything, credits nothing, says nothing. */
const IDLE: StreamHandler = { data: () => {}, remoteEnd: () => {}, closed: () => {}, drained: () => {} };

function bytewise(bytes: Buffer): readonly Buffer[] {
  return Array.from(bytes, (byte) => data(1, Buffer.of(byte)));
}

function priorityFrame(stream: number, dependsOn: number): Buffer {
  return frame(Frame.priority, 0, stream, Buffer.concat([uint32(dependsOn), Buffer.of(15)]));
}
