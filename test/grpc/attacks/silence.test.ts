import { describe, expect, test } from "vitest";
import { Flag, Frame, PREFACE } from "../../../src/grpc/http2/protocol.ts";
import { attack, BYTES, codeOf, isGoAway, open, openBench, openVictim, turn } from "../attack.ts";
import { data, message, ping, settings, windowUpdate } from "../http2/frames.ts";

const START = Buffer.concat([PREFACE, settings()]);

describe("handshakeMs", () => {
  const rows = [
    { name: "nothing", says: [] },
    { name: "the preface alone", says: [PREFACE] },
    { name: "all but the last byte of its settings", says: [START.subarray(0, -1)] },
  ];
  test.each(rows)("a client that says $name in time is cut off, and not before", ({ says }) => {
    const { socket, connection, clock } = openBench({ handshakeMs: 1_000 }, says);
    connection.checkIdle(1_000);
    expect(socket.destroyed).toBe(false);
    clock.ms = 999;
    connection.checkIdle(1_001);
    expect(socket.destroyed).toBe(true);
  });
  test("one that says a byte now and then is cut off as well", () => {
    const { socket, connection, clock } = openBench({ handshakeMs: 10 }, []);
    for (const byte of START.subarray(0, 12)) {
      connection.checkIdle(clock.ms++);
      if (!socket.destroyed) socket.say(Buffer.of(byte));
    }
    expect(socket.destroyed).toBe(true);
  });
  test("one that is through is not", () => {
    const { socket, connection } = openBench({ handshakeMs: 1_000 });
    connection.checkIdle(1_001);
    expect(socket.destroyed).toBe(false);
  });
  test("over a network: silent clients and slow ones are closed, one that behaves is served meanwhile", async () => {
    const victim = await openVictim({ handshakeMs: 100 });
    const silent = await attack(victim.anybody, []);
    const unsettled = await attack(victim.ourselves, [PREFACE]);
    const slow = await attack(victim.anybody, []);
    const bytes = START.values();
    const trickle = setInterval(() => slow.socket.write(Buffer.of(bytes.next().value ?? 0)), 100);
    await victim.isWell();
    expect(await Promise.all([silent.lastWord(), unsettled.lastWord(), slow.lastWord()])).toEqual([undefined, undefined, undefined]);
    clearInterval(trickle);
    await victim.isWell();
  });
});

describe("idleMs", () => {
  const LIMITS = { idleMs: 1_000 };

  test("a connection without streams is sent away with NO_ERROR after that long without a byte, and not before", () => {
    const { socket, connection } = openBench(LIMITS);
    connection.checkIdle(1_000);
    expect(socket.takeFrames()).toEqual([]);
    connection.checkIdle(1_001);
    expect(socket.takeFrames().map(codeOf)).toEqual(["NO_ERROR"]);
    expect(socket.writableEnded).toBe(true);
  });
  test("one with an open stream is asked once whether it is there; no answer for as long again ends it, and its streams are told", async () => {
    const { socket, connection, peer } = openBench(LIMITS);
    socket.say(open(1, "/test.S/Hold"));
    for (let ms = 1_001; ms <= 2_000; ms += 111) connection.checkIdle(ms);
    await turn();
    expect(socket.takeFrames().map(({ type, flags }) => [type, flags])).toEqual([[Frame.ping, 0]]);
    connection.checkIdle(2_001);
    expect(socket.takeFrames().map(codeOf)).toEqual(["NO_ERROR"]);
    expect(peer.log()).toEqual(["open", "cancel"]);
  });
  test("one that answers lives, however long its streams say nothing", async () => {
    const { socket, connection, clock, peer } = openBench(LIMITS);
    socket.say(open(1, "/test.S/Hold"));
    for (clock.ms = 0; clock.ms < 60_000; clock.ms += 500) {
      connection.checkIdle(clock.ms);
      await turn();
      for (const { type, payload } of socket.takeFrames()) {
        expect(type).toBe(Frame.ping);
        socket.say(ping(payload, Flag.ack));
      }
    }
    expect(socket.writable).toBe(true);
    expect(peer.log()).toEqual(["open"]);
  });
  test("one that is asked again after it has answered is asked once each time", async () => {
    const { socket, connection, clock } = openBench(LIMITS);
    socket.say(open(1, "/test.S/Hold"));
    for (const start of [0, 5_000]) {
      clock.ms = start;
      socket.say(ping());
      socket.takeFrames();
      connection.checkIdle(start + 500);
      for (const ms of [1_100, 1_200]) connection.checkIdle(start + ms);
      await turn();
      expect(socket.takeFrames().map(({ type }) => type)).toEqual([Frame.ping]);
    }
  });
  test("one that nobody looked at for long is asked first, too: it may be us who slept", () => {
    const { socket, connection } = openBench(LIMITS);
    socket.say(open(1, "/test.S/Hold"));
    connection.checkIdle(60_000);
    expect(socket.writable).toBe(true);
    connection.checkIdle(61_000);
    expect(socket.writableEnded).toBe(true);
  });
  test("a byte a second is enough", () => {
    const { socket, connection, clock } = openBench(LIMITS);
    for (const byte of Buffer.concat([ping(), ping()])) {
      clock.ms += 1_000;
      connection.checkIdle(clock.ms);
      socket.say(Buffer.of(byte));
    }
    expect(socket.takeFrames().some(isGoAway)).toBe(false);
  });
  test("a client that never reads is found out too: it does not answer", () => {
    const { socket, connection, ledger, peer } = openBench(LIMITS);
    socket.fill();
    socket.say(windowUpdate(0, 2 ** 30), open(1, BYTES), data(1, message("1000000")));
    expect(ledger.held).toBeGreaterThan(0);
    for (let ms = 0; ms <= 2_001; ms += 87) connection.checkIdle(ms);
    connection.checkIdle(2_001);
    expect(socket.writableEnded).toBe(true);
    expect(ledger.held).toBe(0);
    expect(peer.log().length).toBe(0);
  });
  test("over a network: a silent client hears GOAWAY with NO_ERROR, others are served meanwhile", async () => {
    const victim = await openVictim({ idleMs: 600 });
    const silent = await attack(victim.anybody);
    const asked = await attack(victim.anybody);
    asked.send(open(1, "/test.S/Hold"));
    await asked.until(({ type, flags }) => type === Frame.ping && flags === 0);
    expect((await victim.client.unary("/test.S/Echo", Buffer.from("well"))).toString()).toBe("well");
    expect(await Promise.all([silent.lastWord(), asked.lastWord()])).toEqual(["NO_ERROR", "NO_ERROR"]);
    expect((await victim.client.unary("/test.S/Echo", Buffer.from("well"))).toString()).toBe("well");
    expect(victim.errors).toEqual([]);
  });
});
