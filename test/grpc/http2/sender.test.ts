import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConnectionError, DEFAULT_WINDOW, ErrorCode, Flag, Frame, MAX_WINDOW, StreamError } from "../../../src/grpc/http2/protocol.ts";
import { Sender } from "../../../src/grpc/http2/sender.ts";
import { INITIAL_SETTINGS } from "../../../src/grpc/http2/settings.ts";
import { Stream } from "../../../src/grpc/http2/stream.ts";
import { message, type WireFrame } from "./frames.ts";
import { TestSocket } from "./socket.ts";

const TRAILERS = Buffer.of(0x88);
const NO_TRAILERS = Buffer.alloc(0);
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function open() {
  const socket = new TestSocket();
  const heard: string[] = [];
  const sender = new Sender(socket, {
    onCongested: (isCongested) => heard.push(isCongested ? "full" : "room"),
    onEnded: ({ id }) => heard.push(`ended ${id}`),
  });
  const stream = (id: number): Stream => {
    const opened = new Stream(id, sender.initialWindow, 0);
    opened.handler = { data: () => {}, remoteEnd: () => {}, closed: () => {}, drained: () => void heard.push(`drained ${id}`) };
    return opened;
  };
  return { socket, sender, stream, heard };
}

const lengths = (frames: readonly WireFrame[]): readonly number[] => frames.map(({ payload }) => payload.length);
const bodyOf = (frames: readonly WireFrame[], id: number): Buffer =>
  Buffer.concat(frames.filter(({ type, stream }) => type === Frame.data && stream === id).map(({ payload }) => payload));

describe("writes", () => {
  test("what is said in one tick, in promises too, leaves in one write", async () => {
    const { socket, sender, stream } = open();
    sender.headers(stream(1), TRAILERS, false);
    void Promise.resolve().then(() => sender.message(stream(1), Buffer.from("late")));
    sender.words(Frame.ping, 0, 0, 1, 2);
    expect(socket.writes).toBe(0);
    await tick();
    expect(socket.writes).toBe(1);
  });
  test("a batch leaves with its end, in one write, and nothing before", async () => {
    const { socket, sender, stream } = open();
    sender.beginBatch();
    for (const id of [1, 3, 5]) sender.message(stream(id), Buffer.from("x"));
    await tick();
    expect(socket.writes).toBe(0);
    sender.endBatch();
    expect(socket.writes).toBe(1);
    expect(socket.takeFrames()).toHaveLength(3);
  });
  test("a batch that grows large leaves in several writes, so that it is never held whole", () => {
    const { socket, sender, stream } = open();
    sender.widen(2 ** 30);
    sender.adopt({ ...INITIAL_SETTINGS, initialWindow: 2 ** 30 }, []);
    sender.beginBatch();
    for (let i = 0; i < 100; i++) sender.message(stream(2 * i + 1), Buffer.alloc(10_000));
    expect(socket.writes).toBeGreaterThan(2);
    sender.endBatch();
    expect(socket.takeFrames()).toHaveLength(100);
  });
  test("nothing is written to a socket that has ended", async () => {
    const { socket, sender, stream } = open();
    const errors: Error[] = [];
    socket.on("error", (error) => errors.push(error));
    socket.end();
    sender.message(stream(1), Buffer.from("x"));
    await tick();
    expect([socket.writes, errors]).toEqual([0, []]);
  });
});

describe("windows", () => {
  test("DATA stops where the stream's window ends, and goes on as it widens", () => {
    const { socket, sender, stream, heard } = open();
    sender.adopt({ ...INITIAL_SETTINGS, initialWindow: 7 }, []);
    const one = stream(1);
    sender.message(one, Buffer.from("hello"));
    sender.flush();
    expect([lengths(socket.takeFrames()), one.waitingBytes]).toEqual([[5, 2], 3]);
    sender.widenStream(one, 2);
    sender.flush();
    expect([lengths(socket.takeFrames()), heard]).toEqual([[2], []]);
    sender.widenStream(one, 5);
    sender.flush();
    expect([lengths(socket.takeFrames()), heard]).toEqual([[1], ["drained 1"]]);
  });
  test("a message waits behind one that waits, even where it would fit by itself", () => {
    const { socket, sender, stream } = open();
    sender.adopt({ ...INITIAL_SETTINGS, initialWindow: 8 }, []);
    const one = stream(1);
    sender.message(one, Buffer.from("long one"));
    sender.message(one, Buffer.from(""));
    sender.widenStream(one, 100);
    sender.flush();
    expect(bodyOf(socket.takeFrames(), 1)).toEqual(Buffer.concat([message("long one"), message("")]));
  });
  test("the connection's window holds all streams; each goes on in turn, a frame at a time", () => {
    const { socket, sender, stream } = open();
    sender.adopt({ ...INITIAL_SETTINGS, initialWindow: 2 ** 20 }, []);
    for (const id of [1, 3]) sender.message(stream(id), Buffer.alloc(60_000));
    sender.flush();
    expect(lengths(socket.takeFrames()).reduce((sum, length) => sum + length, 0)).toBe(DEFAULT_WINDOW);
    sender.message(stream(5), Buffer.alloc(40_000));
    sender.widen(200_000);
    sender.flush();
    const order = socket.takeFrames().map(({ stream: id }) => id);
    expect(order.slice(0, 4)).toEqual([3, 5, 3, 5]);
  });
  test("a smaller initial window may make a stream's negative; it has to widen above 0 first", () => {
    const { socket, sender, stream } = open();
    const one = stream(1);
    sender.message(one, Buffer.alloc(DEFAULT_WINDOW - 5));
    sender.message(one, Buffer.from("x"));
    sender.adopt({ ...INITIAL_SETTINGS, initialWindow: 10 }, [one]);
    sender.widen(2 ** 20);
    sender.flush();
    socket.takeFrames();
    expect(one.sendWindow).toBe(10 - DEFAULT_WINDOW);
    sender.widenStream(one, DEFAULT_WINDOW - 10);
    sender.flush();
    expect(socket.takeFrames()).toEqual([]);
    sender.adopt({ ...INITIAL_SETTINGS, initialWindow: 16 }, [one]);
    sender.flush();
    expect(bodyOf(socket.takeFrames(), 1)).toEqual(message("x"));
  });
  test("trailers go after all that waits, and end the stream then", () => {
    const { socket, sender, stream, heard } = open();
    sender.adopt({ ...INITIAL_SETTINGS, initialWindow: 0 }, []);
    const one = stream(1);
    sender.message(one, Buffer.from("x"));
    sender.end(one, TRAILERS);
    sender.flush();
    expect([socket.takeFrames(), heard]).toEqual([[], []]);
    sender.widenStream(one, 6);
    sender.flush();
    expect(
      socket
        .takeFrames()
        .map(({ type, flags }) => [type, flags])
        .at(-1),
    ).toEqual([Frame.headers, Flag.endHeaders | Flag.endStream]);
    expect(heard).toEqual(["drained 1", "ended 1"]);
  });
  test("an end without trailers is an empty DATA frame, which no window holds", () => {
    const { socket, sender, stream, heard } = open();
    sender.adopt({ ...INITIAL_SETTINGS, initialWindow: 0 }, []);
    sender.end(stream(1), NO_TRAILERS);
    sender.flush();
    expect(socket.takeFrames()).toEqual([{ type: Frame.data, flags: Flag.endStream, stream: 1, payload: NO_TRAILERS }]);
    expect(heard).toEqual(["ended 1"]);
  });
  test("a stream forgotten sends nothing more", () => {
    const { socket, sender, stream } = open();
    sender.widen(MAX_WINDOW - DEFAULT_WINDOW);
    sender.adopt({ ...INITIAL_SETTINGS, initialWindow: 100 }, []);
    socket.fill();
    const [one, two] = [stream(1), stream(3)];
    for (let i = 0; i < 3; i++) sender.message(stream(5 + 2 * i), Buffer.alloc(90));
    sender.message(one, Buffer.alloc(200));
    sender.message(two, Buffer.from("x"));
    sender.forget(one);
    sender.flush();
    socket.drain();
    sender.widenStream(two, 10);
    sender.flush();
    expect(bodyOf(socket.takeFrames(), 1).length).toBeLessThan(200);
  });
  test.each([
    ["the connection's", ConnectionError, ({ sender }: ReturnType<typeof open>) => sender.widen(MAX_WINDOW - DEFAULT_WINDOW + 1)],
    [
      "a stream's",
      StreamError,
      ({ sender, stream }: ReturnType<typeof open>) => sender.widenStream(stream(1), MAX_WINDOW - DEFAULT_WINDOW + 1),
    ],
    [
      "a stream's, through settings,",
      ConnectionError,
      ({ sender, stream }: ReturnType<typeof open>) => {
        const one = stream(1);
        sender.widenStream(one, 1_000);
        sender.adopt({ ...INITIAL_SETTINGS, initialWindow: MAX_WINDOW }, [one]);
      },
    ],
  ])("%s window over 2^31-1 is FLOW_CONTROL_ERROR, RFC 9113 §6.9.1", (_, kind, step) => {
    expect(() => step(open())).toThrow(kind);
    expect(() => step(open())).toThrow(expect.objectContaining({ code: ErrorCode.flowControlError }));
  });
  test("a window of exactly 2^31-1 is allowed", () => {
    const { sender, stream } = open();
    sender.widen(MAX_WINDOW - DEFAULT_WINDOW);
    sender.widenStream(stream(1), MAX_WINDOW - DEFAULT_WINDOW);
    sender.adopt({ ...INITIAL_SETTINGS, initialWindow: MAX_WINDOW }, [stream(3)]);
  });
});

describe("a socket that is full", () => {
  test("is told of once, takes no more DATA, and gets the rest when it has room", async () => {
    const { socket, sender, stream, heard } = open();
    sender.adopt({ ...INITIAL_SETTINGS, initialWindow: 2 ** 30 }, []);
    sender.widen(2 ** 30);
    socket.fill();
    const one = stream(1);
    for (let i = 0; i < 100; i++) {
      sender.message(one, Buffer.alloc(100_000, i));
      sender.flush();
    }
    expect(heard).toEqual(["full"]);
    expect(socket.writableLength).toBeLessThan(2 ** 20);
    expect(one.waitingBytes).toBeGreaterThan(9_000_000);
    socket.drain();
    await tick();
    for (let i = 0; i < 100 && one.waitingBytes > 0; i++) await tick();
    sender.flush();
    expect(heard).toContain("drained 1");
    expect(heard.at(-1)).toBe("room");
    const body = bodyOf(socket.takeFrames(), 1);
    expect(body).toHaveLength(100 * 100_005);
    expect(body.subarray(99 * 100_005 + 5).every((byte) => byte === 99)).toBe(true);
  });
  test("still gets what no window holds: a ping's answer is not lost", async () => {
    const { socket, sender, heard } = open();
    socket.fill();
    sender.frame(Frame.headers, 4, 1, Buffer.alloc(16_000));
    sender.frame(Frame.headers, 4, 3, Buffer.alloc(16_000));
    for (let i = 0; i < 10; i++) sender.frame(Frame.headers, 4, 5 + 2 * i, Buffer.alloc(16_000));
    sender.flush();
    expect(heard).toEqual(["full"]);
    sender.words(Frame.ping, 0, 0, 1, 2);
    socket.drain();
    await tick();
    await tick();
    expect(socket.takeFrames().at(-1)?.type).toBe(Frame.ping);
    expect(heard).toEqual(["full", "room"]);
  });
});

describe("the peer's header table", () => {
  const next = ({ socket, sender, stream }: ReturnType<typeof open>): Buffer | undefined => {
    sender.headers(stream(1), TRAILERS, false);
    sender.flush();
    return socket.takeFrames().at(-1)?.payload;
  };
  test("made smaller is acknowledged at the beginning of the next block, once: RFC 7541 §4.2", () => {
    const all = open();
    expect(next(all)).toEqual(TRAILERS);
    all.sender.adopt({ ...INITIAL_SETTINGS, headerTableBytes: 100 }, []);
    expect(next(all)).toEqual(Buffer.concat([Buffer.of(0x20), TRAILERS]));
    expect(next(all)).toEqual(TRAILERS);
  });
  test("left as it is costs nothing", () => {
    const all = open();
    all.sender.adopt({ ...INITIAL_SETTINGS, initialWindow: 1 }, []);
    expect(next(all)).toEqual(TRAILERS);
  });
});

describe("whatever is sent, and however windows and socket behave", () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("message" as const), id: fc.nat(2), size: fc.oneof(fc.nat(20), fc.nat(40_000)) }),
    fc.record({ do: fc.constantFrom("end" as const, "widen" as const), id: fc.nat(2), size: fc.oneof(fc.nat(20), fc.nat(40_000)) }),
    fc.record({ do: fc.constantFrom("settings" as const, "widenAll" as const), id: fc.nat(2), size: fc.oneof(fc.nat(20), fc.nat(70_000)) }),
    fc.record({ do: fc.constantFrom("fill" as const, "drain" as const), id: fc.nat(2), size: fc.nat(1) }),
  );
  test("no window is overrun, each stream's bytes are whole and in order, and its end comes last", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { socket, sender, stream } = open();
        const streams = [stream(1), stream(3), stream(5)];
        const expected = streams.map(() => [] as Buffer[]);
        const ended = new Set<number>();
        const windows = [DEFAULT_WINDOW, DEFAULT_WINDOW, DEFAULT_WINDOW];
        const sent: WireFrame[] = [];
        let all = DEFAULT_WINDOW;
        let initial = DEFAULT_WINDOW;
        const settle = async (): Promise<void> => {
          await tick();
          for (const frame of socket.takeFrames()) {
            sent.push(frame);
            const place = (frame.stream - 1) / 2;
            if (frame.type !== Frame.data) continue;
            windows[place] = (windows[place] ?? 0) - frame.payload.length;
            all -= frame.payload.length;
            expect(windows[place]).toBeGreaterThanOrEqual(0);
            expect(all).toBeGreaterThanOrEqual(0);
          }
        };
        const take = (id: number, size: number, what: (typeof steps)[number]["do"]): void => {
          const target = streams[id];
          if (target === undefined) return;
          if (what === "message" && !ended.has(id)) {
            const body = Buffer.alloc(size, id + steps.length);
            expected[id]?.push(message(body));
            sender.message(target, body);
          } else if (what === "end" && !ended.has(id)) {
            ended.add(id);
            sender.end(target, TRAILERS);
          } else if (what === "widen") {
            windows[id] = (windows[id] ?? 0) + size;
            sender.widenStream(target, size);
          } else if (what === "widenAll") {
            all += size;
            sender.widen(size);
          } else if (what === "settings") {
            for (const place of windows.keys()) windows[place] = (windows[place] ?? 0) + size - initial;
            initial = size;
            sender.adopt({ ...INITIAL_SETTINGS, initialWindow: size }, streams);
          }
        };
        for (const { do: what, id, size } of steps) {
          if (what === "fill") socket.fill();
          else if (what === "drain") socket.drain();
          else take(id, size, what);
          // What is already written counts when it was written: a full socket is read once it is empty again.
          if (what !== "fill") socket.drain();
          await settle();
        }
        socket.drain();
        await settle();
        take(0, 2 ** 24, "settings");
        take(0, 2 ** 24, "widenAll");
        for (let i = 0; i < 5; i++) await settle();
        for (const [place, bodies] of expected.entries()) {
          const frames = sent.filter(({ stream: id }) => id === 2 * place + 1);
          expect(bodyOf(frames, 2 * place + 1)).toEqual(Buffer.concat(bodies));
          expect(frames.filter(({ flags }) => flags & Flag.endStream)).toHaveLength(ended.has(place) ? 1 : 0);
          if (ended.has(place)) expect(frames.at(-1)?.flags).toBe(Flag.endStream | Flag.endHeaders);
        }
      }),
      { numRuns: 200 },
    );
  });
});
