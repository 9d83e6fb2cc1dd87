import { describe, expect, test } from "vitest";
import { Flag, Frame, PREFACE } from "../../../src/grpc/http2/protocol.ts";
import { type Attacker, attack, BYTES, call, codeOf, isResetOf, open, openVictim } from "../attack.ts";
import { data, frame, grpcHead, headers, message, reset, settings, uint32, windowUpdate } from "../http2/frames.ts";

const CANCEL = 8;
const HOLD = "/test.S/Hold";
const NEVER_AGAIN = 0.001; // tokens a second: none within a test

const LISTENERS = ["anybody", "ourselves"] as const;

describe("concurrentStreams", () => {
  describe.each(LISTENERS)("on a listener for %s", (who) => {
    test("one more is REFUSED_STREAM, the others live, and another is welcome once one has ended", async () => {
      const victim = await openVictim({ concurrentStreams: 3 });
      const attacker = await attack(victim[who]);
      for (const stream of [1, 3, 5]) attacker.send(open(stream, "/test.S/Chat"));
      attacker.send(call(7, "/test.S/Echo", "one too many"));
      expect(codeOf(await attacker.until(isResetOf(7)))).toBe("REFUSED_STREAM");
      await victim.isWell();
      attacker.send(data(3, Buffer.alloc(0), Flag.endStream));
      expect(await attacker.status(3)).toBe(0);
      await attacker.isServed(9);
      for (const stream of [1, 5]) attacker.send(data(stream, Buffer.alloc(0), Flag.endStream));
      for (const stream of [1, 5]) expect(await attacker.status(stream)).toBe(0);
    });
    test("a client that goes on is sent away with ENHANCE_YOUR_CALM, and has opened no more than it may", async () => {
      const victim = await openVictim({ concurrentStreams: 10, resets: { burst: 100, perSecond: NEVER_AGAIN } });
      const attacker = await attack(victim[who]);
      for (let i = 0; i < 200; i++) attacker.send(open(1 + 2 * i, HOLD));
      expect(await attacker.lastWord()).toBe("ENHANCE_YOUR_CALM");
      await victim.peer.heard("cancel", 10);
      expect(victim.peer.log().filter((event) => event === "open")).toHaveLength(11); // and the client's that behaves
      await victim.isWell();
    });
  });
  test("it is announced in the first frame, so that a client that behaves never meets it", async () => {
    const victim = await openVictim({ concurrentStreams: 3 });
    const attacker = await attack(victim.anybody);
    const { payload } = await attacker.until(({ type }) => type === Frame.settings);
    expect(payload.toString("hex")).toContain("000300000003");
  });
});

interface Misuse {
  readonly name: string;
  readonly code: string | undefined; // of our reset; undefined: the client resets
  readonly frames: (stream: number) => readonly Uint8Array[];
}

const MISUSES: readonly Misuse[] = [
  { name: "are reset as soon as they are open (CVE-2023-44487)", code: undefined, frames: (id) => [open(id, HOLD), reset(id, CANCEL)] },
  { name: "are called and reset", code: undefined, frames: (id) => [open(id, HOLD), data(id, message("x")), reset(id, CANCEL)] },
  { name: "get a window of nothing more", code: "PROTOCOL_ERROR", frames: (id) => [open(id, HOLD), windowUpdate(id, 0)] },
  { name: "get a window too large", code: "FLOW_CONTROL_ERROR", frames: (id) => [open(id, HOLD), windowUpdate(id, 2 ** 31 - 1)] },
  {
    name: "depend on themselves later",
    code: "PROTOCOL_ERROR",
    frames: (id) => [open(id, HOLD), frame(Frame.priority, 0, id, priority(id))],
  },
  {
    name: "depend on themselves",
    code: "PROTOCOL_ERROR",
    frames: (id) => [frame(Frame.headers, Flag.endHeaders | Flag.priority, id, Buffer.concat([priority(id), open(id, HOLD).subarray(9)]))],
  },
  {
    name: "get bytes after their end",
    code: "STREAM_CLOSED",
    frames: (id) => [open(id, HOLD), data(id, message("x"), Flag.endStream), data(id, "y")],
  },
  {
    name: "get headers after their end",
    code: "STREAM_CLOSED",
    frames: (id) => [open(id, HOLD), data(id, message("x"), Flag.endStream), headers(id, [{ name: "x", value: "" }], Flag.endStream)],
  },
  {
    name: "get more bytes than announced",
    code: "PROTOCOL_ERROR",
    frames: (id) => [open(id, HOLD, { "content-length": "1" }), data(id, message("x"))],
  },
  {
    name: "get headers that are no trailers",
    code: "PROTOCOL_ERROR",
    frames: (id) => [open(id, HOLD), headers(id, [{ name: "x", value: "" }])],
  },
  { name: "are malformed", code: "PROTOCOL_ERROR", frames: (id) => [headers(id, grpcHead(HOLD, { connection: "close" }))] },
  { name: "have too large a header list", code: "ENHANCE_YOUR_CALM", frames: (id) => [open(id, HOLD, { x: "y".repeat(1_000) })] },
  {
    name: "let replies pile up",
    code: "ENHANCE_YOUR_CALM",
    frames: (id) => [open(id, BYTES), data(id, message("100000")), windowUpdate(0, 65_535)],
  },
];

const priority = (dependsOn: number): Buffer => Buffer.concat([uint32(dependsOn), Buffer.of(0)]);
const idOf = (i: number): number => 1 + 2 * i;

describe("resets", () => {
  const LIMITS = { resets: { burst: 20, perSecond: NEVER_AGAIN }, headerListBytes: 1_000, streamBytes: 10_000 };

  describe.each(MISUSES)("streams that $name", ({ code, frames }) => {
    test.each(LISTENERS)("are taken 20 times, and end the connection with ENHANCE_YOUR_CALM then; for %s", async (who) => {
      const victim = await openVictim(LIMITS);
      const attacker = await attack(victim[who]);
      for (let i = 0; i < 20; i++) {
        attacker.send(...frames(idOf(i)));
        if (code !== undefined) expect(codeOf(await attacker.until(isResetOf(idOf(i))))).toBe(code);
      }
      await attacker.isServed(idOf(20));
      await victim.isWell();
      attacker.send(...frames(idOf(21)));
      expect(await attacker.lastWord()).toBe("ENHANCE_YOUR_CALM");
      expect(victim.errors.map(({ message }) => message)).toEqual(["too many resets"]);
      await victim.isWell();
    });
  });
  test("what was open is cancelled when it ends so, each stream once", async () => {
    const victim = await openVictim(LIMITS);
    const attacker = await attack(victim.anybody);
    attacker.send(open(1, HOLD), open(3, HOLD));
    for (let i = 2; i < 40; i++) attacker.send(open(idOf(i), HOLD), reset(idOf(i), CANCEL));
    await attacker.lastWord();
    await victim.isWell();
    const log = victim.peer.log();
    expect(log.filter((event) => event === "cancel")).toHaveLength(log.filter((event) => event === "open").length - 1);
  });

  const RAPID = 3_000;
  async function resetRapidly(attacker: Attacker): Promise<void> {
    for (let i = 0; i < RAPID; i++) attacker.send(open(idOf(i), HOLD), reset(idOf(i), CANCEL));
    await attacker.isServed(idOf(RAPID));
  }
  test("an Envoy of this machine may reset as many as it likes", async () => {
    const victim = await openVictim();
    const envoy = await attack(victim.ourselves, [PREFACE, settings()]);
    await resetRapidly(envoy);
    await victim.isWell();
  });
  test("anybody else may not", async () => {
    const victim = await openVictim();
    const attacker = await attack(victim.anybody);
    await expect(resetRapidly(attacker)).rejects.toThrow("closed");
    expect(await attacker.lastWord()).toBe("ENHANCE_YOUR_CALM");
    await victim.isWell();
  });
});
