import { describe, expect, test } from "vitest";
import { DEFAULT_FRAME_BYTES, Flag, Frame } from "../../../src/grpc/http2/protocol.ts";
import { STRICT } from "../../../src/grpc/limits.ts";
import { type Attacker, attack, block, bytesInUse, call, codeOf, isResetOf, open, openVictim } from "../attack.ts";
import { data, frame, grpcHead, message } from "../http2/frames.ts";

const ECHO = "/test.S/Echo";
const HEAD = block(Object.fromEntries(grpcHead(ECHO).map(({ name, value }) => [name, value])));
const HEAD_LIST_BYTES = grpcHead(ECHO).reduce((sum, { name, value }) => sum + 32 + name.length + value.length, 0);
const EMPTY = Buffer.alloc(0);

/** A literal field that no table keeps, of 104 bytes in a block and 133 in a list. RFC 7541 §6.2.2. */
const FILLER = Buffer.concat([Buffer.of(0, 1), Buffer.from("x"), Buffer.of(100), Buffer.alloc(100, "y")]);
const FILLER_LIST_BYTES = 133;
const fillers = (count: number): Buffer => Buffer.concat(Array.from({ length: count }, () => FILLER));

/** A header block in frames: `parts` are the payloads of HEADERS and each CONTINUATION. */
const blockFrames = (stream: number, parts: readonly Uint8Array[], isWhole = true): Buffer =>
  Buffer.concat(
    parts.map((part, i) =>
      frame(i === 0 ? Frame.headers : Frame.continuation, isWhole && i === parts.length - 1 ? Flag.endHeaders : 0, stream, part),
    ),
  );
const slices = (bytes: Buffer, size: number): readonly Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
const body = (stream: number): Buffer => data(stream, message("hello"), Flag.endStream);

async function isRefusedAlone(attacker: Attacker, stream: number): Promise<void> {
  expect(codeOf(await attacker.until(isResetOf(stream)))).toBe("ENHANCE_YOUR_CALM");
  await attacker.isServed(stream + 2);
}

describe("headerListBytes", () => {
  test("a list as large as that is taken; one byte more is ENHANCE_YOUR_CALM for its stream, and the connection goes on", async () => {
    const victim = await openVictim({ headerListBytes: HEAD_LIST_BYTES + 5 * FILLER_LIST_BYTES });
    const attacker = await attack(victim.anybody);
    attacker.send(blockFrames(1, [HEAD, fillers(5)]), body(1));
    expect(await attacker.status(1)).toBe(0);
    const larger = Buffer.concat([Buffer.of(0, 1), Buffer.from("x"), Buffer.of(101), Buffer.alloc(101, "y")]);
    attacker.send(blockFrames(3, [HEAD, fillers(4), larger]));
    await isRefusedAlone(attacker, 3);
    await victim.isWell();
  });
  test("so is one of trailers", async () => {
    const victim = await openVictim({ headerListBytes: 1_000 });
    const attacker = await attack(victim.anybody);
    attacker.send(open(1, ECHO), frame(Frame.headers, Flag.endHeaders | Flag.endStream, 1, fillers(8)));
    await isRefusedAlone(attacker, 1);
  });
  test("a block that unfolds to 300 MB is read without making them, and the table stays the client's", async () => {
    const victim = await openVictim();
    const attacker = await attack(victim.anybody);
    await attacker.isServed(1);
    const before = bytesInUse();
    // One entry of 3,000 bytes, then by its index of one byte as often as a block has room for.
    const entry = Buffer.concat([Buffer.of(0x40, 1), Buffer.from("x"), Buffer.of(0x7f, 0xb9, 0x16), Buffer.alloc(3_000, "y")]);
    const bomb = Buffer.concat([HEAD, entry, Buffer.alloc(100_000, 0xbe)]);
    attacker.send(blockFrames(3, slices(bomb, DEFAULT_FRAME_BYTES)));
    await isRefusedAlone(attacker, 3);
    expect(bytesInUse() - before).toBeLessThan(4 * 2 ** 20);
    // The entry again: a table out of step would end the connection with COMPRESSION_ERROR.
    attacker.send(blockFrames(7, [HEAD, Buffer.of(0xbe)]), body(7));
    expect(await attacker.status(7)).toBe(0);
    await victim.isWell();
  });
});

describe("headerBlockBytes", () => {
  const LIMIT = HEAD.length + 400 * FILLER.length;
  const LIMITS = { headerBlockBytes: LIMIT, headerListBytes: 1_000_000 };
  const largest = Buffer.concat([HEAD, fillers(400)]);

  test("a block as large as that is taken", async () => {
    const victim = await openVictim(LIMITS);
    const attacker = await attack(victim.anybody);
    attacker.send(blockFrames(1, slices(largest, DEFAULT_FRAME_BYTES)), body(1));
    expect(await attacker.status(1)).toBe(0);
  });
  test("one byte more ends the connection with ENHANCE_YOUR_CALM, before the block is whole", async () => {
    const victim = await openVictim(LIMITS);
    const attacker = await attack(victim.anybody);
    attacker.send(blockFrames(1, slices(Buffer.concat([largest, Buffer.of(0)]), DEFAULT_FRAME_BYTES), false));
    expect(await attacker.lastWord()).toBe("ENHANCE_YOUR_CALM");
    await victim.isWell();
  });
  test("it holds for trailers, and for a stream that is refused anyway", async () => {
    const victim = await openVictim({ ...LIMITS, concurrentStreams: 1 });
    for (const stream of [1, 3]) {
      const attacker = await attack(victim.anybody);
      attacker.send(open(1, "/test.S/Hold"), blockFrames(stream, slices(fillers(500), DEFAULT_FRAME_BYTES), false));
      expect(await attacker.lastWord()).toBe("ENHANCE_YOUR_CALM");
    }
  });
});

describe("continuations", () => {
  const LIMITS = { continuations: 4 };
  const rows = [
    { name: "of a byte each", part: FILLER.subarray(0, 1) },
    { name: "of nothing", part: EMPTY },
  ];

  test("a block in as many frames is taken", async () => {
    const victim = await openVictim(LIMITS);
    const attacker = await attack(victim.anybody);
    attacker.send(blockFrames(1, [EMPTY, EMPTY, HEAD, EMPTY, EMPTY]), body(1));
    expect(await attacker.status(1)).toBe(0);
  });
  test.each(rows)("one more, $name, ends the connection with ENHANCE_YOUR_CALM", async ({ part }) => {
    const victim = await openVictim(LIMITS);
    const attacker = await attack(victim.anybody);
    attacker.send(blockFrames(1, [HEAD, part, part, part, part], false));
    await victim.isWell();
    expect(attacker.socket.closed).toBe(false);
    attacker.send(frame(Frame.continuation, 0, 1, part));
    expect(await attacker.lastWord()).toBe("ENHANCE_YOUR_CALM");
    await victim.isWell();
  });
  test.each(rows)("a flood of them, $name, is cut off by the usual limits as well (CVE-2024-27316)", async ({ part }) => {
    const victim = await openVictim();
    const attacker = await attack(victim.anybody);
    attacker.send(blockFrames(1, [HEAD, ...Array.from({ length: STRICT.continuations }, () => part)], false));
    for (let i = 0; i < 10_000; i++) attacker.send(frame(Frame.continuation, 0, 1, part));
    expect(await attacker.lastWord()).toBe("ENHANCE_YOUR_CALM");
    await victim.isWell();
  });
  test("nothing comes between them: a call inside a header block is PROTOCOL_ERROR", async () => {
    const victim = await openVictim(LIMITS);
    const attacker = await attack(victim.anybody);
    attacker.send(blockFrames(1, [HEAD], false), call(3, ECHO, "hello"));
    expect(await attacker.lastWord()).toBe("PROTOCOL_ERROR");
  });
});
