import { Metadata } from "@grpc/grpc-js";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { Flag, Frame, MAX_STREAM_ID, PREFACE } from "../../src/grpc/http2/protocol.ts";
import { Code } from "../../src/grpc/types.ts";
import {
  attack,
  type Bench,
  BYTES_LATE,
  call,
  codeOf,
  fieldsOf,
  isEndOf,
  isGoAway,
  isResetOf,
  lastIdOf,
  open,
  openBench,
  openVictim,
  turn,
} from "./attack.ts";
import { data, frame, grpcHead, headers, message, ping, reset, settings, uint32, type WireFrame, windowUpdate } from "./http2/frames.ts";

const CHAT = "/test.S/Chat";
const ECHO = "/test.S/Echo";
const HOLD = "/test.S/Hold";
const CANCEL = 8;
const NO_ERROR = 0;
const EMPTY = Buffer.alloc(0);
const LONG = 60_000;

const goAways = (frames: readonly WireFrame[]): readonly unknown[] => frames.filter(isGoAway).map((each) => [lastIdOf(each), codeOf(each)]);

/** For the rest of the test time passes only when told to. */
function setClock(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
}
async function pass(ms: number): Promise<void> {
  vi.advanceTimersByTime(ms);
  await turn();
}

/** The answer to the ping that follows the first GOAWAY. */
async function drainPing({ socket }: Bench): Promise<Buffer> {
  await turn();
  const asked = socket.takeFrames().find(({ type, flags }) => type === Frame.ping && flags === 0);
  return ping(asked?.payload ?? EMPTY, Flag.ack);
}

describe("drain", () => {
  test("GOAWAY twice: first with the highest number there is and a ping, then, once that is answered, with the last one heard", async () => {
    const { socket, connection } = openBench();
    socket.say(open(1, HOLD));
    connection.drain(LONG);
    await turn();
    const [first, asked, ...more] = socket.takeFrames();
    expect(goAways([first as WireFrame])).toEqual([[MAX_STREAM_ID, "NO_ERROR"]]);
    expect(asked).toMatchObject({ type: Frame.ping, flags: 0 });
    expect(more).toEqual([]);
    socket.say(open(3, HOLD), ping(asked?.payload ?? EMPTY, Flag.ack));
    expect(goAways(socket.takeFrames())).toEqual([[3, "NO_ERROR"]]);
  });
  test("a stream that crossed the first is served, one after the second is REFUSED_STREAM, and those that are open finish", async () => {
    const bench = openBench();
    const { socket, connection, peer } = bench;
    socket.say(open(1, CHAT));
    connection.drain(LONG);
    const answered = await drainPing(bench);
    socket.say(call(3, ECHO, "crossed"));
    expect(socket.takeFrames().filter(isEndOf(3)).map(fieldsOf)).toEqual([{ "grpc-status": "0" }]);
    socket.say(answered, open(5, HOLD));
    expect(socket.takeFrames().filter(isResetOf(5)).map(codeOf)).toEqual(["REFUSED_STREAM"]);
    expect(socket.writableEnded).toBe(false);
    socket.say(data(1, message("bye"), Flag.endStream));
    expect(socket.takeFrames().filter(isEndOf(1))).toHaveLength(1);
    expect(socket.writableEnded).toBe(true);
    expect(peer.log()).toEqual(["open", "bye", "end"]);
  });
  test("any other answer, or a ping, is not taken for it", async () => {
    const { socket, connection } = openBench();
    socket.say(open(1, HOLD));
    connection.drain(LONG);
    await turn();
    const asked = socket.takeFrames().find(({ type }) => type === Frame.ping);
    socket.say(ping(Buffer.alloc(8), Flag.ack), ping(asked?.payload));
    expect(goAways(socket.takeFrames())).toEqual([]);
    socket.say(open(3, CHAT), data(3, message("x")));
    expect(socket.takeFrames().some(({ type }) => type === Frame.data)).toBe(true);
  });
  test("a client that never answers the ping is refused after the grace all the same", async () => {
    setClock();
    const { socket, connection } = openBench();
    socket.say(open(1, HOLD));
    connection.drain(500);
    await pass(499);
    expect(goAways(socket.takeFrames())).toEqual([[MAX_STREAM_ID, "NO_ERROR"]]);
    await pass(1);
    expect(goAways(socket.takeFrames())).toEqual([[1, "NO_ERROR"]]);
  });
  test("replies that wait for a window leave before the connection closes", async () => {
    const bench = openBench({}, [PREFACE, settings({ initialWindowSize: 0 })]);
    const { socket, connection } = bench;
    socket.say(call(1, ECHO, "late"));
    connection.drain(LONG);
    socket.say(await drainPing(bench));
    expect(socket.writableEnded).toBe(false);
    socket.say(windowUpdate(1, 100));
    expect(socket.takeFrames().map(({ type }) => type)).toEqual([Frame.goAway, Frame.data, Frame.data, Frame.headers]);
    expect(socket.writableEnded).toBe(true);
  });
  test("a connection that has not said its settings is closed at once", () => {
    const { socket, connection } = openBench({}, [PREFACE]);
    connection.drain(LONG);
    expect(socket.destroyed).toBe(true);
  });
  test("over a network: what is open finishes, and the server is done with it", async () => {
    const victim = await openVictim();
    const client = await attack(victim.anybody);
    client.send(open(1, CHAT));
    await client.isServed(3);
    await victim.leave();
    const done = victim.server.drain(LONG);
    const { payload } = await client.until(({ type, flags }) => type === Frame.ping && flags === 0);
    client.send(call(5, ECHO, "crossed"), ping(payload, Flag.ack), call(7, ECHO, "too late"));
    expect(await client.status(5)).toBe(Code.ok);
    expect(codeOf(await client.until(isResetOf(7)))).toBe("REFUSED_STREAM");
    expect(goAways(client.heard)).toEqual([
      [MAX_STREAM_ID, "NO_ERROR"],
      [5, "NO_ERROR"],
    ]);
    client.send(data(1, message("still here"), Flag.endStream));
    expect(await client.status(1)).toBe(Code.ok);
    expect(await client.lastWord()).toBe("NO_ERROR");
    await done;
  });
  test("over a network: after its deadline what is left is cut, and told so", async () => {
    const victim = await openVictim();
    const client = await attack(victim.anybody);
    client.send(open(1, HOLD));
    await client.isServed(3);
    await victim.server.drain(50);
    expect(await client.lastWord()).toBe("NO_ERROR");
    expect(client.heard.filter(isEndOf(1))).toEqual([]);
    await victim.peer.heard("cancel", 2); // the client's that behaves, too
  });
});

describe("the client's own GOAWAY", () => {
  const goAway = frame(Frame.goAway, 0, 0, uint32(0, NO_ERROR));

  test("lets its streams finish, and is answered with ours", () => {
    const { socket } = openBench();
    socket.say(open(1, CHAT), goAway);
    expect(goAways(socket.takeFrames())).toEqual([[1, "NO_ERROR"]]);
    expect(socket.writableEnded).toBe(false);
    socket.say(data(1, message("bye"), Flag.endStream));
    expect(socket.takeFrames().filter(isEndOf(1))).toHaveLength(1);
    expect(socket.writableEnded).toBe(true);
  });
  test("with nothing open closes the connection", () => {
    const { socket } = openBench();
    socket.say(goAway);
    expect(goAways(socket.takeFrames())).toEqual([[0, "NO_ERROR"]]);
    expect(socket.writableEnded).toBe(true);
  });
  test("said again says nothing new", () => {
    const { socket } = openBench();
    socket.say(open(1, HOLD), goAway, goAway, goAway);
    expect(goAways(socket.takeFrames())).toHaveLength(1);
  });
});

describe("the age of a connection", () => {
  test.each([
    { chance: 0, ms: 900 },
    { chance: 0.5, ms: 1_000 },
    { chance: 0.99, ms: 1_098 },
  ])("brings GOAWAY when it is reached, give or take a tenth by chance: at $chance after $ms ms of 1000", async ({ chance, ms }) => {
    const random = vi.spyOn(Math, "random").mockReturnValue(chance);
    onTestFinished(() => random.mockRestore());
    const victim = await openVictim({}, { maxConnectionAgeMs: 1_000 });
    setClock();
    const client = await attack(victim.anybody);
    await client.isServed(1);
    await pass(ms - 1);
    await client.isServed(3);
    expect(client.heard.some(isGoAway)).toBe(false);
    await pass(1);
    expect(lastIdOf(await client.until(isGoAway))).toBe(MAX_STREAM_ID);
  });
  test("lets streams finish, and the client comes again", async () => {
    const victim = await openVictim({}, { maxConnectionAgeMs: 50 });
    const client = await attack(victim.anybody);
    client.send(open(1, CHAT));
    await client.until(isGoAway);
    client.send(data(1, message("finished"), Flag.endStream));
    expect(await client.status(1)).toBe(Code.ok);
    expect(await client.lastWord()).toBe("NO_ERROR");
    await (await attack(victim.anybody)).isServed(1);
  });
  test("is not limited unless told so", async () => {
    const victim = await openVictim();
    await victim.isWell();
    setClock();
    const client = await attack(victim.anybody);
    await pass(24 * 3_600_000);
    await client.isServed(1);
    expect(client.heard.some(isGoAway)).toBe(false);
  });
});

describe("grpc-timeout", () => {
  test.each([
    { timeout: "200m", ms: 200 },
    { timeout: "1S", ms: 1_000 },
    { timeout: "2M", ms: 120_000 },
    { timeout: "1H", ms: 3_600_000 },
    { timeout: "5000u", ms: 5 },
    { timeout: "1n", ms: 1 },
  ])("$timeout is DEADLINE_EXCEEDED after $ms ms, and not before; the method is told once", async ({ timeout, ms }) => {
    setClock();
    const { socket, peer } = openBench();
    socket.say(open(1, HOLD, { "grpc-timeout": timeout }));
    await pass(ms - 1);
    socket.say(data(1, message("in time")));
    expect(socket.takeFrames()).toEqual([]);
    await pass(1);
    const frames = socket.takeFrames();
    expect(frames.filter(isEndOf(1)).map(fieldsOf)).toMatchObject([{ "grpc-status": String(Code.deadlineExceeded) }]);
    expect(frames.filter(isResetOf(1)).map(codeOf)).toEqual(["NO_ERROR"]);
    socket.say(data(1, message("late")), reset(1, CANCEL));
    await pass(ms);
    expect(peer.log()).toEqual(["open", "in time", "cancel"]);
  });
  test.each([
    { name: "its own end", last: data(1, EMPTY, Flag.endStream), log: ["open", "end"] },
    { name: "its reset", last: reset(1, CANCEL), log: ["open", "cancel"] },
  ])("a call that is over by $name has none", async ({ last, log }) => {
    setClock();
    const { socket, peer } = openBench();
    socket.say(open(1, CHAT, { "grpc-timeout": "1S" }), last);
    socket.takeFrames();
    expect(vi.getTimerCount()).toBe(0);
    await pass(1_000);
    expect(socket.takeFrames()).toEqual([]);
    expect(peer.log()).toEqual(log);
  });
  test("a client that is gone leaves no timer", async () => {
    setClock();
    const { socket } = openBench();
    socket.say(open(1, HOLD, { "grpc-timeout": "1S" }));
    socket.emit("close");
    expect(vi.getTimerCount()).toBe(0);
  });
  test("a reply that is ready too late goes nowhere", async () => {
    const { socket, peer } = openBench();
    socket.say(open(1, BYTES_LATE, { "grpc-timeout": "1n" }), data(1, message("1"), Flag.endStream));
    await vi.waitFor(() => expect(socket.writes).toBeGreaterThan(0), { interval: 1 });
    expect(socket.takeFrames().filter(isEndOf(1)).map(fieldsOf)).toMatchObject([{ "grpc-status": String(Code.deadlineExceeded) }]);
    peer.release();
    await turn();
    expect(socket.takeFrames()).toEqual([]);
  });
  test("over a network: a deadline that the client sets is kept", async () => {
    const victim = await openVictim();
    const metadata = new Metadata();
    metadata.set("grpc-timeout", "30m");
    const stream = victim.client.stream(HOLD, metadata);
    expect(await stream.status).toMatchObject({ code: Code.deadlineExceeded });
    await victim.peer.heard("cancel");
  });
});

describe("our end before the client's", () => {
  test("is followed by RST_STREAM with NO_ERROR: it need not send the rest", () => {
    const { socket, peer } = openBench();
    socket.say(open(1, CHAT), data(1, message("quit")));
    const frames = socket.takeFrames();
    expect(frames.map(({ type }) => type)).toEqual([Frame.headers, Frame.rstStream]);
    expect(fieldsOf(frames[0] as WireFrame)).toMatchObject({ "grpc-status": String(Code.resourceExhausted) });
    expect(frames.filter(isResetOf(1)).map(codeOf)).toEqual(["NO_ERROR"]);
    expect(peer.log()).toEqual(["open", "quit"]);
  });
  test.each([
    { name: "that came before", frames: [open(1, CHAT), data(1, EMPTY, Flag.endStream)] },
    { name: "in the same frame as the last message", frames: [open(1, CHAT), data(1, message("quit"), Flag.endStream)] },
    { name: "in the head", frames: [headers(1, grpcHead(CHAT), Flag.endStream)] },
  ])("a client's end $name needs none", ({ frames }) => {
    const { socket } = openBench();
    socket.say(...frames);
    const sent = socket.takeFrames();
    expect(sent.filter(isEndOf(1))).toHaveLength(1);
    expect(sent.some(isResetOf(1))).toBe(false);
  });
  test("what was on its way is ignored: bytes, windows, a reset, trailers", () => {
    const late: readonly Uint8Array[] = [
      data(1, message("late")),
      data(1, EMPTY),
      windowUpdate(1, 100),
      headers(1, [{ name: "x", value: "" }], Flag.endStream),
      reset(1, CANCEL),
      data(1, EMPTY, Flag.endStream),
    ];
    for (const each of late) {
      const { socket, peer } = openBench();
      socket.say(open(1, CHAT), data(1, message("quit")));
      socket.takeFrames();
      socket.say(each, call(3, ECHO, "on"));
      const frames = socket.takeFrames();
      expect(frames.filter(isEndOf(3))).toHaveLength(1);
      expect(frames.every(({ stream }) => stream === 3)).toBe(true);
      expect(peer.log()).toEqual(["open", "quit"]);
    }
  });
  test("more than could be on its way is STREAM_CLOSED", () => {
    const { socket } = openBench();
    socket.say(open(1, CHAT), data(1, message("quit")));
    for (let i = 0; i < 63; i++) socket.say(data(1, Buffer.alloc(16_384)));
    socket.say(data(1, Buffer.alloc(16_384 - message("quit").length)));
    expect(socket.takeFrames().filter(isResetOf(1)).map(codeOf)).toEqual(["NO_ERROR"]);
    socket.say(data(1, "x"));
    expect(socket.takeFrames().filter(isResetOf(1)).map(codeOf)).toEqual(["STREAM_CLOSED"]);
  });
  test("bytes that come too late are given back to the connection's window", () => {
    const { socket } = openBench();
    for (let i = 0; i < 600; i++) {
      const id = 1 + 2 * i;
      socket.say(open(id, CHAT), data(id, message("quit")), data(id, Buffer.alloc(16_384)), data(id, Buffer.alloc(16_384), Flag.endStream));
    }
    const frames = socket.takeFrames();
    expect(frames.some(isGoAway)).toBe(false); // 19 MiB through a window of 16
    expect(frames.some(({ type, stream }) => type === Frame.windowUpdate && stream === 0)).toBe(true);
  });
});

describe("one write", () => {
  test("a unary reply is one: headers, message and trailers", () => {
    const { socket } = openBench();
    socket.say(call(1, ECHO, "hello"));
    expect(socket.writes).toBe(1);
    expect(socket.takeFrames().map(({ type }) => type)).toEqual([Frame.headers, Frame.data, Frame.headers]);
  });
  test("all replies to one read are one", () => {
    const { socket } = openBench();
    socket.say(Buffer.concat(Array.from({ length: 100 }, (_, i) => call(1 + 2 * i, ECHO, `${i}`))));
    expect(socket.writes).toBe(1);
    expect(socket.takeFrames()).toHaveLength(300);
  });
  test("so are all that become ready in one tick, of calls that waited", async () => {
    const { socket, peer } = openBench();
    for (let i = 0; i < 100; i++) socket.say(call(1 + 2 * i, BYTES_LATE, "10"));
    expect(socket.writes).toBe(0);
    peer.release();
    await turn();
    expect(socket.writes).toBe(1);
    expect(socket.takeFrames()).toHaveLength(300);
  });
  test("our settings and window are one, before the client has said anything", async () => {
    const { socket } = openBench({}, []);
    await turn();
    expect(socket.writes).toBeLessThanOrEqual(1);
  });
  test("over a network: a unary reply comes in one piece", async () => {
    const victim = await openVictim();
    const client = await attack(victim.anybody);
    await client.isServed(1);
    const pieces: number[] = [];
    client.socket.on("data", (piece) => pieces.push(piece.length));
    client.send(call(3, ECHO, "hello"));
    await client.status(3);
    expect(pieces).toHaveLength(1);
  });
});
