import { once } from "node:events";
import { connect } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FRAME_HEADER_BYTES, Frame, PREFACE } from "../../src/grpc/http2/protocol.ts";
import { createOwnServer } from "../../src/grpc/own.ts";
import { parseFrames, type WireFrame } from "./http2/frames.ts";
import { cutAt, RECORDINGS, readRecording, replay, replayLate, riffleMethods } from "./recordings/replay.ts";

// Nothing is normalised: replies that are ready at once depend on the bytes alone, WINDOW_UPDATE included (every half window).

describe.each(RECORDINGS)("what Envoy said in %s gets the same bytes in reply", (name) => {
  const session = readRecording(name);
  const whole = replay([session]);

  test("byte by byte", () => {
    expect(replay(Array.from(session, (_, at) => session.subarray(at, at + 1))).equals(whole)).toBe(true);
  });

  test("cut in two, at every place there is", async () => {
    const different: number[] = [];
    for (let at = 1; at < session.length; at++) {
      if (!replay([session.subarray(0, at), session.subarray(at)]).equals(whole)) different.push(at);
      if (at % 100 === 0) await new Promise(setImmediate); // what was closed is let go
    }
    expect(different).toEqual([]);
  }, 120_000);

  test("cut in many, anywhere", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(session.length), { maxLength: 200 }), (cuts) => {
        expect(replay(cutAt(session, cuts)).equals(whole)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test("over a real socket, in writes of its own", async () => {
    const server = createOwnServer(riffleMethods((cause) => Promise.reject(cause)));
    const address = await server.listen({ kind: "tcp", host: "127.0.0.1", port: 0 });
    try {
      const socket = connect({ host: "127.0.0.1", port: address.kind === "tcp" ? address.port : 0 });
      const received: Buffer[] = [];
      socket.on("data", (chunk: Buffer) => received.push(chunk));
      for (const part of cutAt(session, [1, 30, 1000, session.length - 5])) {
        socket.write(part);
        await new Promise(setImmediate);
      }
      socket.end();
      await once(socket, "close");
      expect(Buffer.concat(received).equals(whole)).toBe(true);
    } finally {
      await server.drain(0);
    }
  });
});

test("decisions that have to be waited for are the same on each stream, in any order between streams", async () => {
  const session = readRecording("envoy-bodies");
  const expected = byStream(replay([session]));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(session.length), { maxLength: 100 }), async (cuts) => {
      const late = await replayLate(cutAt(session, [...cuts, ...resetsIn(session)]));
      expect(byStream(late)).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});

/** Where a reset begins: Envoy sends it after our reply, so it cannot come together with what asked for that. */
function resetsIn(session: Buffer): readonly number[] {
  let at = PREFACE.length;
  return parseFrames(session.subarray(at)).flatMap(({ type, payload }) => {
    const start = at;
    at += FRAME_HEADER_BYTES + payload.length;
    return type === Frame.rstStream ? [start] : [];
  });
}

function byStream(bytes: Buffer): ReadonlyMap<number, readonly string[]> {
  const streams = Map.groupBy(parseFrames(bytes), ({ stream }) => stream);
  const print = ({ type, flags, payload }: WireFrame): string => `${type} ${flags} ${payload.toString("hex")}`;
  return new Map([...streams].map(([id, frames]) => [id, frames.map(print)]));
}
