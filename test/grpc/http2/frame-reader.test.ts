import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameReader } from "../../../src/grpc/http2/frame-reader.ts";
import { ConnectionError, DEFAULT_FRAME_BYTES, ErrorCode, Frame, PREFACE } from "../../../src/grpc/http2/protocol.ts";
import { encodeFrame, frame, ping, type WireFrame } from "./frames.ts";

/** A reader, and what it has reported; payloads are copied only when they are looked at. */
function open(): { read(...chunks: readonly Uint8Array[]): void; frames(): readonly WireFrame[] } {
  const seen: (() => WireFrame)[] = [];
  const reader = new FrameReader((type, flags, stream, bytes, start, end) =>
    seen.push(() => ({ type, flags, stream, payload: Buffer.from(bytes.subarray(start, end)) })),
  );
  return {
    read: (...chunks) => {
      for (const chunk of chunks) reader.read(Buffer.from(chunk));
    },
    frames: () => seen.map((look) => look()),
  };
}

const code = (step: () => void): number | undefined => {
  try {
    step();
  } catch (cause) {
    if (cause instanceof ConnectionError) return cause.code;
    throw cause;
  }
  return undefined;
};

const frames: fc.Arbitrary<readonly WireFrame[]> = fc.array(
  fc.record({
    type: fc.nat(255),
    flags: fc.nat(255),
    stream: fc.nat(2 ** 31 - 1),
    payload: fc
      .oneof(fc.uint8Array({ maxLength: 40 }), fc.constant(new Uint8Array(DEFAULT_FRAME_BYTES).fill(7)))
      .map((bytes) => Buffer.from(bytes)),
  }),
  { maxLength: 6 },
);

describe("frames", () => {
  test("come out as they went in, wherever they are cut", () => {
    fc.assert(
      fc.property(frames, fc.array(fc.nat(), { maxLength: 30 }), (sent, cuts) => {
        const bytes = Buffer.concat([PREFACE, ...sent.map(encodeFrame)]);
        const places = [0, ...cuts.map((cut) => cut % bytes.length).toSorted((a, b) => a - b), bytes.length];
        const { read, frames: seen } = open();
        read(...places.slice(1).map((end, i) => bytes.subarray(places[i], end)));
        expect(seen()).toEqual(sent);
      }),
      { numRuns: 500 },
    );
  });
  test("come out byte by byte, an empty one with the last byte of its header", () => {
    const { read, frames: seen } = open();
    const bytes = Buffer.concat([PREFACE, frame(Frame.settings, 0, 0)]);
    for (const byte of bytes.subarray(0, -1)) read(Buffer.of(byte));
    expect(seen()).toHaveLength(0);
    read(bytes.subarray(-1));
    expect(seen()).toHaveLength(1);
  });
  test("that lie in one piece are not copied", () => {
    const pieces: Buffer[] = [];
    const reader = new FrameReader((_type, _flags, _stream, bytes) => pieces.push(bytes));
    const chunk = Buffer.concat([PREFACE, ping(), ping()]);
    reader.read(chunk);
    expect(pieces).toEqual([chunk, chunk]);
    expect(pieces.every((piece) => piece === chunk)).toBe(true);
  });
  test("have the reserved bit of their stream ignored", () => {
    const { read, frames: seen } = open();
    read(PREFACE, frame(Frame.data, 0, 0x80000003), Buffer.concat([frame(Frame.data, 0, 0xffffffff)]).subarray(0, 8), Buffer.of(0xff));
    expect(seen().map(({ stream }) => stream)).toEqual([3, 0x7fffffff]);
  });
  test.each([
    ["in one piece", (bytes: Buffer) => [bytes]],
    ["cut in its header", (bytes: Buffer) => [bytes.subarray(0, 2), bytes.subarray(2)]],
  ])("of a byte more than allowed end the connection before their payload has come, %s", (_, cut) => {
    const header = frame(Frame.data, 0, 1).subarray(0, 9);
    header.writeUIntBE(DEFAULT_FRAME_BYTES + 1, 0, 3);
    const { read, frames: seen } = open();
    read(PREFACE);
    expect(code(() => read(...cut(header)))).toBe(ErrorCode.frameSizeError);
    expect(seen()).toEqual([]);
  });
});

describe("the preface", () => {
  test("may come in any number of pieces, even none at once", () => {
    const { read, frames: seen } = open();
    read(Buffer.alloc(0), PREFACE.subarray(0, 1), Buffer.alloc(0), PREFACE.subarray(1, 23));
    read(Buffer.concat([PREFACE.subarray(23), ping()]));
    expect(seen()).toHaveLength(1);
  });
  test("with any byte wrong is refused at that byte, not later", () => {
    for (let at = 0; at < PREFACE.length; at++) {
      const { read } = open();
      const wrong = Buffer.from(PREFACE);
      wrong[at] = (wrong[at] ?? 0) ^ 1;
      read(wrong.subarray(0, at));
      expect(code(() => read(wrong.subarray(at, at + 1)))).toBe(ErrorCode.protocolError);
    }
  });
  test("of HTTP/1.1 is refused", () => {
    expect(code(() => open().read(Buffer.from("GET / HTTP/1.1\r\nHost: riffle\r\n\r\n")))).toBe(ErrorCode.protocolError);
  });
});
