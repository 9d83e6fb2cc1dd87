import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Ledger } from "../../src/grpc/http2/bucket.ts";
import { MessageReader } from "../../src/grpc/message-reader.ts";
import { Code, StatusError } from "../../src/grpc/types.ts";
import { message, uint32 } from "./http2/frames.ts";
import { cutAt } from "./recordings/replay.ts";

function open({ maxBytes = 100_000, heldBytes = 1_000_000 } = {}): { reader: MessageReader; ledger: Ledger } {
  const ledger = new Ledger(heldBytes);
  return { reader: new MessageReader(maxBytes, () => ledger), ledger };
}

const push = (reader: MessageReader, bytes: Buffer): void => reader.push(bytes, 0, bytes.length);
const hold = (reader: MessageReader, bytes: Buffer): void => reader.hold(bytes, 0, bytes.length);

function take(reader: MessageReader, most = Number.POSITIVE_INFINITY): readonly string[] {
  const taken: string[] = [];
  while (taken.length < most) {
    const next = reader.next();
    if (next === undefined) break;
    taken.push(next.toString("latin1"));
  }
  return taken;
}

function pushAndTake(reader: MessageReader, bytes: Buffer): void {
  push(reader, bytes);
  take(reader);
}

function pushAndPark(reader: MessageReader, bytes: Buffer): void {
  push(reader, bytes);
  reader.park();
}

const refused = (step: () => void): number | undefined => {
  try {
    step();
  } catch (cause) {
    if (cause instanceof StatusError) return cause.code;
    throw cause;
  }
  return undefined;
};

const texts = fc.array(
  fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.integer({ min: 0, max: 50_000 }).map((length) => "0123456789abcdefg".repeat(length / 17 + 1).slice(0, length)),
  ),
  { maxLength: 8 },
);

describe("messages", () => {
  test("come out as they went in, wherever the body is cut and whether anybody waits for them", () => {
    const quotas = fc.array(fc.nat(3), { minLength: 1, maxLength: 20 }); // messages that are wanted after each piece
    fc.assert(
      fc.property(texts, fc.array(fc.nat(), { maxLength: 20 }), quotas, (sent, cuts, wanted) => {
        const { reader, ledger } = open();
        const body = Buffer.concat(sent.map((text) => message(text)));
        const pieces = cutAt(
          body,
          cuts.map((cut) => cut % (body.length + 1)),
        );
        const taken: string[] = [];
        let isBusy = false;
        for (const [i, piece] of pieces.entries()) {
          if (isBusy) hold(reader, piece);
          else push(reader, piece);
          const quota = wanted[i % wanted.length] ?? 0;
          const some = take(reader, quota);
          taken.push(...some);
          isBusy = some.length === quota;
          if (isBusy) reader.park();
        }
        taken.push(...take(reader));
        expect(taken).toEqual(sent.map((text) => Buffer.from(text).toString("latin1")));
        expect(reader.isEmpty).toBe(true);
        expect(ledger.held).toBe(0);
      }),
      { numRuns: 400 },
    );
  });
  test("that lie in one piece are cut in place, and nothing is held", () => {
    const { reader, ledger } = open({ heldBytes: 0 });
    const piece = Buffer.concat([message("one"), message(""), message("two")]);
    push(reader, piece);
    const first = reader.next();
    expect(first?.buffer).toBe(piece.buffer);
    expect(take(reader)).toEqual(["", "two"]);
    expect(ledger.held).toBe(0);
  });
  test("are cut from the part of a piece that is named", () => {
    const { reader } = open();
    reader.push(Buffer.concat([Buffer.from("before"), message("one"), Buffer.from("behind")]), 6, 14);
    expect(take(reader)).toEqual(["one"]);
    expect(reader.isEmpty).toBe(true);
  });
  test("kept for later do not change with the piece they came in", () => {
    const { reader } = open();
    const piece = Buffer.concat([message("one"), message("two")]);
    push(reader, piece);
    take(reader, 1);
    reader.park();
    const second = Buffer.from(message("three"));
    hold(reader, second);
    piece.fill(0xff);
    second.fill(0xff);
    expect(take(reader)).toEqual(["two", "three"]);
  });
  test("a body is empty between two messages alone", () => {
    const { reader } = open();
    expect(reader.isEmpty).toBe(true);
    for (const byte of message("ab").subarray(0, -1)) {
      push(reader, Buffer.of(byte));
      expect([reader.next(), reader.isEmpty]).toEqual([undefined, false]);
    }
    push(reader, Buffer.from("b"));
    expect(reader.isEmpty).toBe(false);
    expect([take(reader), reader.isEmpty]).toEqual([["ab"], true]);
    hold(reader, message("x"));
    expect(reader.isEmpty).toBe(false);
  });
});

describe("limits", () => {
  test("a message as large as allowed passes, one byte more is RESOURCE_EXHAUSTED before it has come", () => {
    const { reader } = open({ maxBytes: 10 });
    push(reader, message("0123456789"));
    expect(take(reader)).toEqual(["0123456789"]);
    push(reader, Buffer.concat([Buffer.of(0), uint32(11)]));
    expect(refused(() => reader.next())).toBe(Code.resourceExhausted);
  });
  test("one of 4 GiB is refused, its prefix in one piece or in five", () => {
    const prefix = Buffer.concat([Buffer.of(0), uint32(2 ** 32 - 1)]);
    const { reader } = open();
    for (const byte of prefix.subarray(0, -1)) {
      push(reader, Buffer.of(byte));
      take(reader);
    }
    push(reader, prefix.subarray(-1));
    expect(refused(() => reader.next())).toBe(Code.resourceExhausted);
  });
  test.each([1, 2, 128, 255])("a flag of %i, so a compressed message, is INTERNAL: no encoding was agreed on", (flag) => {
    for (const pieces of [[Buffer.of(flag, 0, 0, 0, 1, 65)], [Buffer.of(flag), Buffer.of(0, 0, 0, 1, 65)]]) {
      const { reader } = open();
      const read = (): void => {
        for (const piece of pieces) {
          push(reader, piece);
          take(reader);
        }
      };
      expect(refused(read)).toBe(Code.internal);
    }
  });
  test("a message that claims much and brings little holds little", () => {
    const { reader, ledger } = open({ maxBytes: 2 ** 30, heldBytes: 2 ** 30 });
    push(reader, Buffer.concat([Buffer.of(0), uint32(2 ** 30), Buffer.from("x")]));
    take(reader);
    expect(ledger.held).toBeLessThanOrEqual(16 * 1024);
  });
  test("what is held is at most three times what has come, and nothing once it is whole", () => {
    const { reader, ledger } = open();
    const body = message("x".repeat(90_000));
    for (let at = 0; at < body.length; at += 1_000) {
      push(reader, body.subarray(at, at + 1_000));
      take(reader);
      expect(ledger.held).toBeLessThanOrEqual(16 * 1024 + 3 * at);
    }
    expect([ledger.held, reader.isEmpty]).toEqual([0, true]);
  });
  test.each<[string, (reader: MessageReader) => void]>([
    ["in parts", (reader) => pushAndTake(reader, message("x".repeat(200)).subarray(0, 100))],
    ["for later", (reader) => hold(reader, Buffer.alloc(101))],
    ["parked", (reader) => pushAndPark(reader, Buffer.alloc(101))],
  ])("bytes %s that no longer fit the ledger are RESOURCE_EXHAUSTED, and enter nothing", (_, step) => {
    const { reader, ledger } = open({ heldBytes: 100 });
    expect(refused(() => step(reader))).toBe(Code.resourceExhausted);
    expect(ledger.held).toBe(0);
  });
  test("parking nothing takes nothing", () => {
    const { reader, ledger } = open({ heldBytes: 0 });
    reader.park();
    push(reader, message("one"));
    take(reader);
    reader.park();
    expect(ledger.held).toBe(0);
  });
});
