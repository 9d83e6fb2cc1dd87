import { describe, expect, test } from "vitest";
import { DEFAULT_FRAME_BYTES, Flag, Frame, PREFACE } from "../../../src/grpc/http2/protocol.ts";
import { STRICT } from "../../../src/grpc/limits.ts";
import { Code } from "../../../src/grpc/types.ts";
import {
  type Attacker,
  attack,
  BYTES,
  BYTES_LATE,
  bytesInUse,
  call,
  codeOf,
  isEndOf,
  isResetOf,
  open,
  openBench,
  openVictim,
  turn,
  type Victim,
} from "../attack.ts";
import { data, frame, message, reset, settings, uint32, windowUpdate } from "../http2/frames.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const CANCEL = 8;
const idOf = (i: number): number => 1 + 2 * i;

/** The prefix of a message, and so many of its bytes, in frames. */
function part(stream: number, claimed: number, sent: number): Buffer {
  const bytes = Buffer.concat([Buffer.of(0), uint32(claimed), Buffer.alloc(sent, "x")]);
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += DEFAULT_FRAME_BYTES) {
    frames.push(data(stream, bytes.subarray(at, at + DEFAULT_FRAME_BYTES)));
  }
  return Buffer.concat(frames);
}

describe("messageBytes", () => {
  const LIMITS = { messageBytes: 1_000 };

  test.each([
    { name: "in one frame", cut: 16 },
    { name: "its prefix cut in two", cut: 3 },
    { name: "byte by byte", cut: 1 },
  ])("a message that claims a byte too many is RESOURCE_EXHAUSTED before it has come, $name", async ({ cut }) => {
    const victim = await openVictim(LIMITS);
    const attacker = await attack(victim.anybody);
    attacker.send(open(1, "/test.S/Hold"), open(3, "/test.S/Echo"));
    const claim = Buffer.concat([Buffer.of(0), uint32(1_001)]);
    for (const stream of [1, 3]) {
      for (let at = 0; at < claim.length; at += cut) attacker.send(data(stream, claim.subarray(at, at + cut)));
      expect(await attacker.status(stream)).toBe(Code.resourceExhausted);
    }
    await attacker.isServed(5);
    await victim.peer.heard("cancel");
    await victim.isWell();
  });
  test.each([2 ** 31, 2 ** 32 - 1])("a claim of %d bytes allocates nothing", async (claimed) => {
    const victim = await openVictim();
    const before = bytesInUse();
    const attacker = await attack(victim.anybody);
    attacker.send(open(1, "/test.S/Echo"), part(1, claimed, 0));
    expect(await attacker.status(1)).toBe(Code.resourceExhausted);
    expect(bytesInUse() - before).toBeLessThan(MIB);
  });
  test("one as large as that is taken, and replied to", async () => {
    const victim = await openVictim(LIMITS);
    expect(await victim.client.unary("/test.S/Echo", Buffer.alloc(1_000))).toHaveLength(1_000);
  });
  test("a reply that is larger is RESOURCE_EXHAUSTED, too", async () => {
    const victim = await openVictim(LIMITS);
    const attacker = await attack(victim.anybody);
    attacker.send(open(1, BYTES), data(1, message("1000")), data(1, message("1001")));
    expect(await attacker.status(1)).toBe(Code.resourceExhausted);
    expect(attacker.heard.filter(({ type }) => type === Frame.data).reduce((sum, { payload }) => sum + payload.length, 0)).toBe(1_005);
    await victim.isWell();
  });
});

describe("streamBytes", () => {
  test("a message in parts that needs more is RESOURCE_EXHAUSTED, and the connection goes on", async () => {
    const victim = await openVictim({ streamBytes: 100 * KIB });
    const attacker = await attack(victim.anybody);
    attacker.send(open(1, "/test.S/Hold"), part(1, MIB, 200 * KIB));
    expect(await attacker.status(1)).toBe(Code.resourceExhausted);
    await victim.peer.heard("cancel");
    await attacker.isServed(3);
    await victim.isWell();
  });
  test("a unary message waits for its end no longer than it fits", async () => {
    const victim = await openVictim({ streamBytes: 10_000 });
    const attacker = await attack(victim.anybody);
    attacker.send(open(1, "/test.S/Echo"), part(1, 9_000, 9_000), open(3, "/test.S/Echo"), part(3, 11_000, 11_000));
    expect(await attacker.status(3)).toBe(Code.resourceExhausted);
    attacker.send(data(1, Buffer.alloc(0), Flag.endStream));
    expect(await attacker.status(1)).toBe(0);
  });
  test("replies that wait for more end their stream with ENHANCE_YOUR_CALM: trailers would only wait behind them", async () => {
    const victim = await openVictim({ streamBytes: 100 * KIB });
    const attacker = await attack(victim.anybody, [PREFACE, settings({ initialWindowSize: 0 })]);
    attacker.send(open(1, BYTES), data(1, message(`${50 * KIB}`)), open(3, BYTES), data(3, message(`${101 * KIB}`)));
    expect(codeOf(await attacker.until(isResetOf(3)))).toBe("ENHANCE_YOUR_CALM");
    attacker.send(windowUpdate(1, MIB), windowUpdate(0, MIB), data(1, Buffer.alloc(0), Flag.endStream));
    expect(await attacker.status(1)).toBe(0);
    await victim.isWell();
  });
  test("what a client says while its replies wait is held up to its window, and a byte more is FLOW_CONTROL_ERROR", async () => {
    const victim = await openVictim();
    const attacker = await attack(victim.anybody, [PREFACE, settings({ initialWindowSize: 0 })]);
    attacker.send(open(1, BYTES), data(1, message("1"))); // 6 bytes
    for (let i = 0; i < 63; i++) attacker.send(data(1, Buffer.alloc(DEFAULT_FRAME_BYTES)));
    attacker.send(data(1, Buffer.alloc(DEFAULT_FRAME_BYTES - 6)));
    await victim.isWell();
    expect(attacker.heard.some(isResetOf(1))).toBe(false);
    attacker.send(data(1, Buffer.of(0)));
    expect(codeOf(await attacker.until(isResetOf(1)))).toBe("FLOW_CONTROL_ERROR");
  });
  test("it is held without an object for each byte", () => {
    const { socket, ledger } = openBench({}, [PREFACE, settings({ initialWindowSize: 0 })]);
    socket.say(open(1, BYTES), data(1, message("1")));
    const claim = Buffer.concat([Buffer.of(0), uint32(500_000)]);
    const flood = Buffer.concat(Array.from({ length: 10_000 }, () => data(1, "x")));
    const before = bytesInUse();
    socket.say(data(1, claim));
    for (let i = 0; i < 10; i++) socket.say(flood);
    expect(ledger.held).toBe(6 + 5 + 100_000);
    expect(bytesInUse() - before).toBeLessThan(MIB);
  });
});

/** How an attacker makes us hold bytes: on one stream after another, so much on each. */
interface Hoard {
  readonly name: string;
  readonly window: number;
  readonly frames: (stream: number) => Buffer;
}
const HOARDS: readonly Hoard[] = [
  { name: "halves of messages", window: 65_535, frames: (id) => Buffer.concat([open(id, "/test.S/Hold"), part(id, MIB, 30 * KIB)]) },
  {
    name: "unary messages without an end",
    window: 65_535,
    frames: (id) => Buffer.concat([open(id, "/test.S/Echo"), part(id, 10_000, 10_000)]),
  },
  { name: "replies without a window", window: 0, frames: (id) => Buffer.concat([open(id, BYTES), data(id, message("30000"))]) },
  {
    name: "replies of unary calls without a window",
    window: 0,
    frames: (id) => Buffer.concat([open(id, "/test.S/Echo"), data(id, message("x".repeat(10_000)), Flag.endStream)]),
  },
  {
    name: "messages that nobody takes while a reply waits",
    window: 0,
    frames: (id) => Buffer.concat([open(id, BYTES), data(id, message("1")), data(id, Buffer.alloc(10_000))]),
  },
];

/** What may end it. */
const ENDS: readonly { readonly name: string; readonly leave: (attacker: Attacker, streams: number) => void }[] = [
  { name: "breaks off", leave: ({ socket }) => void socket.destroy() },
  { name: "ends its connection", leave: ({ socket }) => void socket.end() },
  { name: "is sent away", leave: ({ send }) => send(frame(Frame.data, 0, 0)) },
  {
    name: "resets its streams",
    leave: ({ send }, streams) => {
      for (let i = 0; i < streams; i++) send(reset(idOf(i), CANCEL));
    },
  },
];

/** Fills what there is room for, until a stream is refused; how many were opened. */
async function hoard(attacker: Attacker, { frames }: Hoard): Promise<number> {
  for (let i = 0; i < 200; i++) {
    const refused = attacker.heard.some(({ type, stream }) => type === Frame.rstStream && stream > 0);
    if (refused || attacker.heard.some(isEndOf(idOf(i - 1)))) return i;
    attacker.send(frames(idOf(i)));
    await answer(attacker, i);
  }
  return 200;
}

/** Its frames so far have been dealt with. */
async function answer({ send, until }: Attacker, i: number): Promise<void> {
  const mark = uint32(i, 0);
  send(frame(Frame.ping, 0, 0, mark));
  await until(({ type, flags, payload }) => type === Frame.ping && flags === Flag.ack && payload.equals(mark));
}

/** Whether a message is taken that needs nearly all there is: in parts, it is held twice while it grows. */
async function hasRoom({ client }: Victim): Promise<boolean> {
  const large = Buffer.alloc(200 * KIB);
  return client.unary("/test.S/Echo", large).then(
    (reply) => reply.length === large.length,
    (error: { readonly code: number }) => {
      expect(error.code).toBe(Code.resourceExhausted);
      return false;
    },
  );
}
const ROOM = 340 * KIB; // for one such message, and hardly anything else

describe("connectionBytes", () => {
  test.each(HOARDS)("$name are refused to a client that has many, and to no other", async (given) => {
    const victim = await openVictim({ connectionBytes: ROOM });
    const attacker = await attack(victim.anybody, [PREFACE, settings({ initialWindowSize: given.window })]);
    expect(await hoard(attacker, given)).toBeLessThan(100);
    await victim.isWell();
    expect(await hasRoom(victim)).toBe(true);
  });
});

describe("processBytes", () => {
  describe.each(HOARDS)("$name", (given) => {
    test.each(ENDS)("take no more than there is, and all is free again once the client $name", async ({ leave }) => {
      const victim = await openVictim({ processBytes: ROOM });
      expect(await hasRoom(victim)).toBe(true);
      const attacker = await attack(victim.anybody, [PREFACE, settings({ initialWindowSize: given.window })]);
      const streams = await hoard(attacker, given);
      expect(streams).toBeLessThan(100);
      expect(await hasRoom(victim)).toBe(false);
      await victim.isWell();
      leave(attacker, streams);
      await expect.poll(() => hasRoom(victim), { interval: 5, timeout: 5_000 }).toBe(true);
    });
  });
  test("it is shared by all connections and listeners", async () => {
    const victim = await openVictim({ processBytes: ROOM, connectionBytes: ROOM / 2 });
    const attackers = [await attack(victim.anybody), await attack(victim.ourselves)];
    for (const attacker of attackers) {
      for (let i = 0; i < 10; i++) attacker.send(open(idOf(i), "/test.S/Hold"), part(idOf(i), MIB, 15 * KIB));
      await answer(attacker, 0);
    }
    expect(await hasRoom(victim)).toBe(false);
    await victim.isWell();
  });
  test("bytes that a call is through with are free again while its stream goes on", async () => {
    const victim = await openVictim({ processBytes: ROOM });
    const attacker = await attack(victim.anybody, [PREFACE, settings({ initialWindowSize: 0 })]);
    attacker.send(windowUpdate(0, 2 ** 30), open(1, BYTES));
    const request = Buffer.concat([Buffer.alloc(50 * KIB, "0"), Buffer.from("250000")]); // a number in parts
    for (let i = 0; i < 10; i++) {
      for (const bytes of [
        message(request).subarray(0, 16_000),
        message(request).subarray(16_000, 32_000),
        message(request).subarray(32_000, 48_000),
        message(request).subarray(48_000),
      ])
        attacker.send(data(1, bytes));
      await answer(attacker, i);
      attacker.send(windowUpdate(1, 250_005));
    }
    attacker.send(data(1, Buffer.alloc(0), Flag.endStream));
    expect(await attacker.status(1)).toBe(0);
    expect(await hasRoom(victim)).toBe(true);
  });
});

describe("a client that asks for much and reads nothing", () => {
  test("is not listened to once its socket is full; we hold no more than a connection may, others are served", async () => {
    const victim = await openVictim({ connectionBytes: 8 * MIB });
    const before = bytesInUse();
    const attacker = await attack(victim.anybody, [PREFACE, settings({ initialWindowSize: 2 ** 31 - 1 })]);
    attacker.socket.pause();
    attacker.send(windowUpdate(0, 2 ** 30));
    for (let i = 0; i < 200; i++) attacker.send(open(idOf(i), BYTES), data(idOf(i), message(`${MIB}`)));
    await victim.peer.heard("open");
    for (let i = 0; i < 20; i++) await victim.isWell();
    expect(bytesInUse() - before).toBeLessThan(16 * MIB);
    attacker.socket.destroy();
    await expect.poll(() => bytesInUse() - before, { interval: 20, timeout: 5_000 }).toBeLessThan(2 * MIB);
    await victim.isWell();
  });
  test.each([
    { count: 50, bytes: MIB },
    { count: 300, bytes: 60_000 },
  ])(
    "$count replies of $bytes bytes, ready all at once, are counted, and not copied into a buffer that grows",
    async ({ count, bytes }) => {
      const { socket, ledger, peer } = openBench({ connectionBytes: 8 * MIB }, [PREFACE, settings({ initialWindowSize: 2 ** 31 - 1 })]);
      socket.say(windowUpdate(0, 2 ** 30));
      for (let i = 0; i < count; i++) socket.say(call(idOf(i), BYTES_LATE, `${bytes}`));
      socket.fill();
      const before = bytesInUse();
      peer.release();
      await turn();
      expect(socket.writableLength).toBeLessThan(MIB);
      expect(ledger.held).toBeGreaterThan(7 * MIB);
      expect(ledger.held).toBeLessThanOrEqual(8 * MIB);
      expect(bytesInUse() - before).toBeLessThan(12 * MIB);
      socket.destroy();
      await turn();
      expect(ledger.held).toBe(0);
    },
  );
});

test("the usual limits fit into each other", () => {
  const { messageBytes, streamBytes, connectionBytes, processBytes } = STRICT;
  expect(streamBytes).toBeGreaterThan(1.5 * messageBytes); // one in parts is held one and a half times while it grows
  expect(connectionBytes).toBeGreaterThan(streamBytes);
  expect(processBytes).toBeGreaterThan(connectionBytes);
});
