import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_FRAME_BYTES, Flag, Frame, PREFACE } from "../../src/grpc/http2/protocol.ts";
import { attack, type Bench, BYTES, call, fieldsOf, isData, isEndOf, open, openBench, openVictim, turn } from "./attack.ts";
import { data, message, reset, settings, type WireFrame, windowUpdate } from "./http2/frames.ts";

const MIB = 2 ** 20;
const CANCEL = 8;
const START_WINDOW = 65_535;
const PREFIX = 5;
const ECHO = "/test.S/Echo";
const CHAT = "/test.S/Chat";
const NO_WINDOW = [PREFACE, settings({ initialWindowSize: 0 })];

const sizes = (frames: readonly WireFrame[], stream?: number): readonly number[] =>
  frames.filter((frame) => isData(frame) && (stream ?? frame.stream) === frame.stream).map(({ payload }) => payload.length);
const total = (frames: readonly WireFrame[], stream?: number): number => sizes(frames, stream).reduce((sum, size) => sum + size, 0);
const body = (frames: readonly WireFrame[], stream: number): Buffer =>
  Buffer.concat(frames.filter((frame) => isData(frame) && frame.stream === stream).map(({ payload }) => payload));

/** What a method of BYTES replies with. */
const reply = (bytes: number): Buffer => message(Buffer.alloc(bytes, "0123456789"));
const ask = (stream: number, bytes: number): Buffer => Buffer.concat([open(stream, BYTES), data(stream, message(`${bytes}`))]);

describe("what stops a reply", () => {
  test("the stream's window: so many bytes leave, more when it opens, and trailers behind the last", () => {
    const { socket } = openBench({}, [PREFACE, settings({ initialWindowSize: 10 })]);
    socket.say(call(1, ECHO, "x".repeat(100)));
    const first = socket.takeFrames();
    expect(first.map(({ type, payload }) => (type === Frame.data ? payload.length : "headers"))).toEqual(["headers", 5, 5]);
    expect(socket.takeFrames()).toEqual([]);
    socket.say(windowUpdate(1, 1));
    const second = socket.takeFrames();
    expect(sizes(second)).toEqual([1]);
    socket.say(windowUpdate(1, 1_000));
    const last = socket.takeFrames();
    expect(last.map(({ type, flags }) => [type, flags & Flag.endStream])).toEqual([
      [Frame.data, 0],
      [Frame.headers, Flag.endStream],
    ]);
    expect(body([...first, ...second, ...last], 1)).toEqual(message("x".repeat(100)));
  });
  test("the connection's window, though each stream's is open", () => {
    const { socket } = openBench({}, [PREFACE, settings({ initialWindowSize: MIB })]);
    socket.say(ask(1, 40_000), ask(3, 40_000));
    const first = socket.takeFrames();
    expect(total(first)).toBe(START_WINDOW);
    expect(total(first, 1)).toBe(PREFIX + 40_000);
    socket.say(windowUpdate(0, 100));
    expect(sizes(socket.takeFrames())).toEqual([100]);
    socket.say(windowUpdate(0, MIB));
    expect(total(socket.takeFrames(), 3)).toBe(2 * (PREFIX + 40_000) - START_WINDOW - 100);
  });
  test("the socket, though both windows are open; it drains, and the rest leaves", async () => {
    const { socket } = openBench({}, [PREFACE, settings({ initialWindowSize: 100 * MIB }), windowUpdate(0, 100 * MIB)]);
    socket.fill();
    socket.prependListener("drain", () => socket.fill()); // full again after each write
    socket.say(open(1, CHAT), ask(3, 3 * MIB), ask(5, 3 * MIB), data(1, message("behind")));
    expect(socket.writableLength).toBeLessThan(MIB);
    const frames: WireFrame[] = [];
    let writes = 0;
    while (total(frames) < reply(3 * MIB).length * 2 + message("behind").length) {
      writes++;
      socket.drain();
      await turn();
      frames.push(...socket.takeFrames());
      expect(socket.writableLength).toBeLessThan(MIB);
    }
    for (const stream of [3, 5]) expect(body(frames, stream).equals(reply(3 * MIB))).toBe(true);
    expect(body(frames, 1)).toEqual(message("behind"));
    expect(writes).toBeGreaterThan(1);
  });
  test("a socket that is full is not read from either, until it has drained", async () => {
    const { socket } = openBench({}, [PREFACE, settings({ initialWindowSize: MIB })]);
    socket.fill();
    socket.say(ask(1, 30_000), ask(3, 30_000));
    expect(socket.isPaused()).toBe(false); // it has room yet
    socket.say(windowUpdate(0, MIB), ask(5, 300_000));
    expect(socket.isPaused()).toBe(true);
    socket.drain();
    await turn();
    expect(socket.isPaused()).toBe(false);
  });
  test("headers, and a status without messages, are stopped by no window", () => {
    const { socket } = openBench({}, NO_WINDOW);
    socket.say(call(1, "/test.S/Refuse", ""), call(3, ECHO, "x"));
    const frames = socket.takeFrames();
    expect(frames.filter(isEndOf(1)).map(fieldsOf)).toMatchObject([{ "grpc-status": "5" }]);
    expect(frames.filter(({ stream }) => stream === 3).map(({ type, flags }) => [type, flags])).toEqual([[Frame.headers, Flag.endHeaders]]);
  });
  test("no frame is larger than every client takes, though this one would take more", () => {
    const { socket } = openBench({}, [PREFACE, settings({ initialWindowSize: MIB, maxFrameSize: MIB }), windowUpdate(0, MIB)]);
    socket.say(ask(1, 200_000));
    const frames = socket.takeFrames();
    expect(Math.max(...sizes(frames))).toBe(DEFAULT_FRAME_BYTES);
    expect(body(frames, 1).equals(reply(200_000))).toBe(true);
  });
  test.each([
    { name: "its reset", frames: reset(1, CANCEL) },
    { name: "a window that overflows", frames: windowUpdate(1, 2 ** 31 - 1) },
  ])("after $name nothing of a reply that waited is sent, and nothing is held", ({ frames }) => {
    const { socket, ledger } = openBench({}, [PREFACE, settings({ initialWindowSize: 10 })]);
    socket.say(ask(1, 40_000));
    expect(ledger.held).toBe(PREFIX + 40_000 - 10);
    socket.say(frames);
    socket.takeFrames();
    expect(ledger.held).toBe(0);
    socket.say(windowUpdate(0, 1_000_000));
    expect(socket.takeFrames()).toEqual([]);
  });
});

describe("a window made smaller by SETTINGS", () => {
  test("may be below zero: nothing leaves until it is above again, to the byte", () => {
    const { socket } = openBench({}, [PREFACE, settings({ initialWindowSize: 1_000 })]);
    socket.say(ask(1, 50_000));
    expect(total(socket.takeFrames())).toBe(1_000);
    socket.say(settings({ initialWindowSize: 100 })); // now −900
    socket.say(windowUpdate(1, 900));
    expect(sizes(socket.takeFrames())).toEqual([]);
    socket.say(windowUpdate(1, 1));
    expect(sizes(socket.takeFrames())).toEqual([1]);
    socket.say(settings({ initialWindowSize: 40_000 }));
    expect(total(socket.takeFrames())).toBe(39_900);
  });
  test("holds for streams that are opened later, and what waits is not lost", () => {
    const { socket } = openBench({}, [PREFACE, settings({ initialWindowSize: 50 }), settings({ initialWindowSize: 20 })]);
    socket.say(ask(1, 1_000));
    const frames = [...socket.takeFrames()];
    expect(total(frames)).toBe(20);
    socket.say(settings({ initialWindowSize: 2_000 }));
    frames.push(...socket.takeFrames());
    expect(body(frames, 1)).toEqual(reply(1_000));
  });
  test("the acknowledgement leaves before the first byte of the new window", () => {
    const { socket } = openBench({}, NO_WINDOW);
    socket.say(ask(1, 10));
    socket.takeFrames();
    socket.say(settings({ initialWindowSize: 100 }));
    expect(socket.takeFrames().map(({ type }) => type)).toEqual([Frame.settings, Frame.data, Frame.data]);
  });
});

describe("order and content", () => {
  test("three streams of 3 MiB come whole through windows that open a byte to many at a time, in any order", () => {
    const bytes = 3 * MIB;
    const steps = fc.infiniteStream(
      fc.record({
        stream: fc.constantFrom(0, 1, 3, 5),
        increment: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 400_000 })),
        initial: fc.option(fc.integer({ min: 0, max: 70_000 }), { freq: 10 }),
      }),
    );
    fc.assert(
      fc.property(steps, (opened) => {
        const { socket, ledger } = openBench({}, [PREFACE, settings({ initialWindowSize: 1 })]);
        const received = new Map([1, 3, 5].map((stream) => [stream, [] as Buffer[]]));
        let missing = 3 * (PREFIX + bytes);
        for (const stream of received.keys()) socket.say(ask(stream, bytes));
        for (const { stream, increment, initial } of opened) {
          for (const frame of socket.takeFrames().filter(isData)) {
            received.get(frame.stream)?.push(frame.payload);
            missing -= frame.payload.length;
          }
          expect(ledger.held).toBeLessThanOrEqual(3 * (PREFIX + bytes));
          if (missing === 0) break;
          socket.say(windowUpdate(stream, increment));
          if (initial !== null) socket.say(settings({ initialWindowSize: initial }));
        }
        for (const pieces of received.values()) expect(Buffer.concat(pieces).equals(reply(bytes))).toBe(true);
        expect(ledger.held).toBe(0);
      }),
      { numRuns: 5 },
    );
  });
  test("replies of one stream keep their order through a window of one byte", () => {
    const { socket, peer } = openBench({}, [PREFACE, settings({ initialWindowSize: 1 })]);
    socket.say(open(1, CHAT), ...["one", "two", "three", ""].map((text) => data(1, message(text))), data(1, "", Flag.endStream));
    const frames = [...socket.takeFrames()];
    for (let i = 0; i < 100 && !frames.some(isEndOf(1)); i++) {
      socket.say(windowUpdate(1, 1));
      frames.push(...socket.takeFrames());
    }
    expect(body(frames, 1)).toEqual(Buffer.concat(["one", "two", "three", ""].map(message)));
    expect(frames.at(-1)).toMatchObject({ type: Frame.headers });
    expect(peer.log()).toEqual(["open", "one", "two", "three", "", "end"]);
  });
  test("over a network: 3 MiB come whole to a client that reads a little at a time", async () => {
    const victim = await openVictim();
    const client = await attack(victim.anybody, [PREFACE, settings({ initialWindowSize: 2 ** 24 }), windowUpdate(0, 2 ** 24)]);
    client.send(ask(1, 3 * MIB), data(1, "", Flag.endStream));
    client.socket.on("data", () => {
      client.socket.pause();
      setImmediate(() => client.socket.resume());
    });
    expect(await client.status(1)).toBe(0);
    expect(body(client.heard, 1).equals(reply(3 * MIB))).toBe(true);
  });
});

describe("a client whose replies wait", () => {
  /** Has a reply of one byte waiting for a window. */
  function waiting(): Bench {
    const bench = openBench({}, NO_WINDOW);
    bench.socket.say(open(1, CHAT), data(1, message("1")));
    return bench;
  }

  test("is heard no further on that stream, until they have left", () => {
    const { socket, peer } = waiting();
    socket.say(data(1, message("2")), Buffer.concat([data(1, message("3").subarray(0, 2)), data(1, message("3").subarray(2))]));
    expect(peer.log()).toEqual(["open", "1"]);
    socket.say(windowUpdate(1, 6));
    expect(peer.log()).toEqual(["open", "1", "2"]);
    socket.say(windowUpdate(1, 6));
    expect(peer.log()).toEqual(["open", "1", "2", "3"]);
  });
  test("is heard no further within one frame either", () => {
    const { socket, peer } = openBench({}, NO_WINDOW);
    socket.say(open(1, CHAT), data(1, Buffer.concat(["1", "2", "3"].map(message))));
    expect(peer.log()).toEqual(["open", "1"]);
    socket.say(windowUpdate(1, 12));
    expect(peer.log()).toEqual(["open", "1", "2", "3"]);
  });
  test("is told of its own end once they have left, and once only", () => {
    const { socket, peer } = waiting();
    socket.say(data(1, message("2"), Flag.endStream), windowUpdate(1, 6));
    expect(peer.log()).toEqual(["open", "1", "2"]);
    for (let i = 0; i < 6; i++) socket.say(windowUpdate(1, 1));
    expect(peer.log()).toEqual(["open", "1", "2", "end"]);
    expect(socket.takeFrames().filter(isEndOf(1))).toHaveLength(1);
  });
  test("is told of its end once though a reply after it waits, too", async () => {
    const { socket, peer } = openBench({}, NO_WINDOW);
    socket.say(open(1, "/test.S/ChatLate"), data(1, message("one")), data(1, message("two"), Flag.endStream));
    await peer.heard("end");
    for (let i = 0; i < 8; i++) {
      await turn();
      socket.say(windowUpdate(1, 8));
    }
    expect(body(socket.takeFrames(), 1)).toEqual(Buffer.concat([message("one"), message("two")]));
    expect(peer.log()).toEqual(["open", "one", "two", "end"]);
  });
  test("gets no more window on that stream; others get theirs, and are heard", () => {
    const { socket, peer } = waiting();
    for (let i = 0; i < 63; i++) socket.say(data(1, Buffer.alloc(DEFAULT_FRAME_BYTES)));
    socket.say(open(3, "/test.S/Hold"));
    for (let i = 0; i < 40; i++) socket.say(data(3, message(Buffer.alloc(DEFAULT_FRAME_BYTES - PREFIX, "y"))));
    const updates = socket.takeFrames().filter(({ type }) => type === Frame.windowUpdate);
    expect(updates.map(({ stream }) => stream)).toEqual([3]);
    expect(peer.log().filter((text) => text.startsWith("y"))).toHaveLength(40);
  });
  test("gets its window back when they have left", () => {
    const { socket } = waiting();
    socket.say(data(1, message(Buffer.alloc(DEFAULT_FRAME_BYTES - PREFIX))));
    for (let i = 1; i < 40; i++) socket.say(data(1, message(Buffer.alloc(DEFAULT_FRAME_BYTES - PREFIX))));
    expect(socket.takeFrames().some(({ type }) => type === Frame.windowUpdate)).toBe(false);
    socket.say(windowUpdate(0, MIB), windowUpdate(1, MIB));
    const [update] = socket.takeFrames().filter(({ type }) => type === Frame.windowUpdate);
    expect(update).toMatchObject({ stream: 1 });
    expect(update?.payload.readUInt32BE(0)).toBe(6 + 40 * DEFAULT_FRAME_BYTES);
  });
  test("has its connection's window back when its stream is over, whatever it held", () => {
    const { socket } = openBench({}, NO_WINDOW);
    let granted = 16 * MIB;
    for (let i = 0; i < 40; i++) {
      const id = 1 + 2 * i;
      socket.say(open(id, CHAT), data(id, message("1")));
      for (let sent = 0; sent < 60; sent++) socket.say(data(id, Buffer.alloc(DEFAULT_FRAME_BYTES)));
      granted -= 6 + 60 * DEFAULT_FRAME_BYTES;
      socket.say(reset(id, CANCEL));
      for (const { type, stream, payload } of socket.takeFrames()) {
        expect(type).not.toBe(Frame.goAway);
        if (type === Frame.windowUpdate && stream === 0) granted += payload.readUInt32BE(0);
      }
      expect(granted).toBeGreaterThan(0);
    }
  });
});

describe("fairness", () => {
  const WINDOW = 40 * DEFAULT_FRAME_BYTES;
  test("two streams that wait for the connection's window have a frame each in turn, however little it opens", () => {
    const { socket } = openBench({}, [PREFACE, settings({ initialWindowSize: MIB })]);
    socket.say(ask(1, 600_000), ask(3, 600_000));
    socket.takeFrames();
    const turns: number[] = [];
    for (let i = 0; i < 20; i++) {
      socket.say(windowUpdate(0, DEFAULT_FRAME_BYTES));
      turns.push(...socket.takeFrames().map(({ stream }) => stream));
    }
    const ones = turns.filter((stream) => stream === 1).length;
    expect(turns).toHaveLength(21); // a frame more: stream 3's prefix goes by itself
    expect(Math.abs(ones - 10)).toBeLessThanOrEqual(1);
  });
  test("it opens wide: they still take turns, frame by frame", () => {
    const { socket } = openBench({}, [PREFACE, settings({ initialWindowSize: MIB })]);
    socket.say(ask(1, 600_000), ask(3, 600_000));
    socket.takeFrames();
    socket.say(windowUpdate(0, WINDOW));
    const order = socket.takeFrames().map(({ stream }) => stream);
    expect(order.length).toBeGreaterThan(30);
    expect(order.every((stream, i) => i === 0 || stream !== order[i - 1])).toBe(true);
  });
  test("a stream without a window of its own keeps none from those that have", () => {
    const { socket } = openBench({}, NO_WINDOW);
    socket.say(ask(1, 1_000), ask(3, 1_000), ask(5, 1_000));
    socket.takeFrames();
    socket.say(windowUpdate(5, 1_005));
    expect(total(socket.takeFrames(), 5)).toBe(1_005);
    socket.say(windowUpdate(3, 1_005), windowUpdate(1, 1_005));
    const frames = socket.takeFrames();
    expect([total(frames, 1), total(frames, 3)]).toEqual([1_005, 1_005]);
  });
  test("a small reply does not wait for a large one of another stream that has no window", () => {
    const { socket } = openBench({}, [PREFACE, settings({ initialWindowSize: 1_000 })]);
    socket.say(ask(1, 600_000));
    socket.takeFrames();
    socket.say(call(3, ECHO, "small"));
    expect(socket.takeFrames().filter(isEndOf(3))).toHaveLength(1);
  });
});
