import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Outbox } from "../../../src/grpc/http2/outbox.ts";
import { Frame } from "../../../src/grpc/http2/protocol.ts";
import { message, settings } from "./frames.ts";
import { TestSocket } from "./socket.ts";

const open = (): { socket: TestSocket; outbox: Outbox } => {
  const socket = new TestSocket();
  return { socket, outbox: new Outbox(socket) };
};

describe("the outbox", () => {
  test("writes all that has collected at once, in order", () => {
    const { socket, outbox } = open();
    outbox.frame(Frame.headers, 5, 0x01020304, Buffer.from("block"));
    outbox.frame(Frame.data, 1, 3);
    outbox.frame(Frame.data, 0, 3, Buffer.from("0123456789"), 2, 5);
    outbox.words(Frame.goAway, 0, 0, 0xffffffff, 11);
    expect(socket.writes).toBe(0);
    expect(outbox.flush()).toBe(true);
    expect(socket.writes).toBe(1);
    expect(socket.takeFrames()).toEqual([
      { type: Frame.headers, flags: 5, stream: 0x01020304, payload: Buffer.from("block") },
      { type: Frame.data, flags: 1, stream: 3, payload: Buffer.alloc(0) },
      { type: Frame.data, flags: 0, stream: 3, payload: Buffer.from("234") },
      { type: Frame.goAway, flags: 0, stream: 0, payload: Buffer.from("ffffffff0000000b", "hex") },
    ]);
  });
  test("writes nothing when nothing has collected", () => {
    const { socket, outbox } = open();
    expect([outbox.isEmpty, outbox.flush()]).toEqual([true, true]);
    outbox.frame(Frame.data, 0, 1);
    expect(outbox.isEmpty).toBe(false);
    outbox.flush();
    outbox.flush();
    expect(socket.writes).toBe(1);
  });
  test("writes settings by their numbers", () => {
    const { socket, outbox } = open();
    outbox.settings({ initialWindowSize: 2 ** 31 - 1, maxConcurrentStreams: 7 });
    outbox.flush();
    expect(socket.sent).toEqual(settings({ initialWindowSize: 2 ** 31 - 1, maxConcurrentStreams: 7 }));
  });
  test("cuts a message of any size into frames that are full but the last, its prefix in the first", () => {
    fc.assert(
      fc.property(fc.nat(300), fc.integer({ min: 6, max: 100 }), (size, frameBytes) => {
        const { socket, outbox } = open();
        const body = Buffer.from(Array.from({ length: size }, (_, i) => i % 251));
        outbox.message(1, body, frameBytes);
        outbox.flush();
        const frames = socket.takeFrames();
        expect(Buffer.concat(frames.map(({ payload }) => payload))).toEqual(message(body));
        expect(frames.map(({ type, flags, stream }) => [type, flags, stream])).toEqual(frames.map(() => [Frame.data, 0, 1]));
        for (const { payload } of frames.slice(0, -1)) expect(payload).toHaveLength(frameBytes);
        expect(frames.at(-1)?.payload.length).toBeGreaterThan(0);
      }),
    );
  });
  test("is full after a quarter of a MiB, and empty again once that is written", () => {
    const { outbox } = open();
    const piece = Buffer.alloc(16_384 - 9);
    for (let i = 0; i < 15; i++) outbox.frame(Frame.data, 0, 1, piece);
    expect(outbox.isFull).toBe(false);
    outbox.frame(Frame.data, 0, 1, piece);
    expect(outbox.isFull).toBe(true);
    outbox.flush();
    expect([outbox.isFull, outbox.isEmpty]).toEqual([false, true]);
  });
  test("never writes into bytes that the socket still holds", () => {
    const { socket, outbox } = open();
    socket.fill();
    for (const letter of ["a", "b", "c"]) {
      outbox.frame(Frame.data, 0, 1, Buffer.alloc(10, letter));
      outbox.flush();
    }
    socket.drain();
    expect(socket.takeFrames().map(({ payload }) => payload.toString())).toEqual(["a", "b", "c"].map((letter) => letter.repeat(10)));
  });
  test("says when the socket has more than it takes", () => {
    const { socket, outbox } = open();
    socket.fill();
    outbox.frame(Frame.data, 0, 1, Buffer.alloc(100_000));
    expect(outbox.flush()).toBe(false);
  });
});
