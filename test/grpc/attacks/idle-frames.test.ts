import { describe, expect, test } from "vitest";
import { Flag, Frame } from "../../../src/grpc/http2/protocol.ts";
import { attack, call, isEndOf, open, openBench, openVictim } from "../attack.ts";
import { data, frame, headers, ping, reset, SETTINGS_ACK, settings, uint32, windowUpdate } from "../http2/frames.ts";

const NEVER_AGAIN = 0.001; // tokens a second: none within a test
const EMPTY = Buffer.alloc(0);
const END = Flag.endStream;

interface Flood {
  readonly name: string;
  readonly frame: Uint8Array;
}

/** Streams of the attacker: one that is open, one that is over, and one that we ended before it did. */
const OPEN = 1;
const OVER = 3;
const ENDED_BY_US = 5;
const UNUSED = 1001;

const FLOODS: readonly Flood[] = [
  { name: "PING", frame: ping() },
  { name: "answers to a PING that nobody sent", frame: ping(Buffer.alloc(8), Flag.ack) },
  { name: "SETTINGS", frame: settings({ initialWindowSize: 1_000 }) },
  { name: "empty SETTINGS", frame: settings() },
  { name: "acks of SETTINGS", frame: SETTINGS_ACK },
  { name: "PRIORITY", frame: frame(Frame.priority, 0, OPEN, Buffer.concat([uint32(0), Buffer.of(0)])) },
  { name: "PRIORITY of streams not there yet", frame: frame(Frame.priority, 0, UNUSED, Buffer.concat([uint32(0), Buffer.of(0)])) },
  { name: "empty DATA", frame: data(OPEN, EMPTY) },
  { name: "DATA of padding alone", frame: data(OPEN, Buffer.of(3, 0, 0, 0), Flag.padded) },
  { name: "a type that nobody knows", frame: frame(0x42, 0, OPEN, Buffer.from("what?")) },
  { name: "ORIGIN, which is for clients", frame: frame(0xc, 0, 0, EMPTY) },
  { name: "RST_STREAM of a stream that is over", frame: reset(OVER, 8) },
  { name: "WINDOW_UPDATE of a stream that is over", frame: windowUpdate(OVER, 1) },
  { name: "DATA of a stream that is over", frame: data(OVER, "x") },
  { name: "empty DATA with an end of a stream that is over", frame: data(OVER, EMPTY, END) },
  { name: "empty DATA of a stream that we ended", frame: data(ENDED_BY_US, EMPTY) },
  { name: "HEADERS of a stream that we ended", frame: headers(ENDED_BY_US, [{ name: "x", value: "" }], END) },
  { name: "RST_STREAM of a stream that we ended", frame: reset(ENDED_BY_US, 8) },
];

describe("idleFrames", () => {
  const BURST = 50;

  describe.each(FLOODS)("a flood of $name", ({ frame: one }) => {
    const flood = (count: number): Buffer => Buffer.concat(Array.from({ length: count }, () => one));

    test.each(["anybody", "ourselves"] as const)("is borne for a while, and answered with ENHANCE_YOUR_CALM then; from %s", async (who) => {
      const victim = await openVictim({ idleFrames: { burst: BURST, perSecond: NEVER_AGAIN } });
      const attacker = await attack(victim[who]);
      attacker.send(open(OPEN, "/test.S/Hold"), call(OVER, "/test.S/Echo", ""), open(ENDED_BY_US, "/test.S/None"));
      await attacker.until(isEndOf(ENDED_BY_US));
      attacker.send(flood(BURST - 1)); // the SETTINGS in the preface are one already
      await attacker.isServed(7);
      await victim.isWell();
      attacker.send(one);
      expect(await attacker.lastWord()).toBe("ENHANCE_YOUR_CALM");
      expect(victim.errors.map(({ message }) => message)).toEqual(["too many frames that bring nothing"]);
      await victim.peer.heard("cancel");
      await victim.isWell();
    });
    test("ends with the usual limits too, for those whom we do not know", async () => {
      const victim = await openVictim();
      const attacker = await attack(victim.anybody);
      attacker.send(open(OPEN, "/test.S/Hold"), call(OVER, "/test.S/Echo", ""), open(ENDED_BY_US, "/test.S/None"));
      await attacker.until(isEndOf(ENDED_BY_US));
      attacker.send(flood(3_000));
      expect(await attacker.lastWord()).toBe("ENHANCE_YOUR_CALM");
      await victim.isWell();
    });
  });

  test("an Envoy of this machine is answered 3,000 PINGs", async () => {
    const victim = await openVictim();
    const envoy = await attack(victim.ourselves);
    for (let i = 0; i < 3_000; i++) envoy.send(ping());
    await envoy.isServed(1);
    expect(envoy.heard.filter(({ type, flags }) => type === Frame.ping && flags === Flag.ack)).toHaveLength(3_000);
  });
  test("time makes up for them: so many a second are borne for ever", () => {
    const { socket, clock } = openBench({ idleFrames: { burst: 10, perSecond: 5 } });
    for (clock.ms = 1_000; clock.ms < 100_000; clock.ms += 1_000) for (let i = 0; i < 5; i++) socket.say(ping());
    expect(socket.takeFrames().every(({ type }) => type === Frame.ping)).toBe(true);
    for (let i = 0; i < 20; i++) socket.say(ping());
    expect(socket.takeFrames().at(-1)).toMatchObject({ type: Frame.goAway, payload: uint32(0, 0xb) });
  });
  test("they do not add up while nobody uses them", () => {
    const { socket, clock } = openBench({ idleFrames: { burst: 10, perSecond: 5 } });
    clock.ms = 3_600_000;
    for (let i = 0; i < 25; i++) socket.say(ping());
    expect(socket.takeFrames().filter(({ type }) => type === Frame.ping).length).toBeLessThanOrEqual(9 + 10);
  });
  test("what late replies need is none of them: the rest of a body, a client's end and its windows", async () => {
    const victim = await openVictim({ idleFrames: { burst: 5, perSecond: NEVER_AGAIN } });
    const attacker = await attack(victim.anybody);
    for (let i = 0; i < 20; i++) {
      const id = 1 + 2 * i;
      attacker.send(open(id, "/test.S/None"), data(id, "body"), windowUpdate(0, 10), data(id, EMPTY, END));
    }
    await attacker.isServed(41);
    await victim.isWell();
  });
});
