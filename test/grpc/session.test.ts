import { describe, expect, test } from "vitest";
import { HpackDecoder } from "../../src/grpc/hpack/decoder.ts";
import { Flag, Frame, PREFACE } from "../../src/grpc/http2/protocol.ts";
import { type Reply, readReply } from "../wire/messages.ts";
import { parseFrames, type WireFrame } from "./http2/frames.ts";
import { readRecording, replay, snapshot } from "./recordings/replay.ts";

interface Said {
  readonly frames: readonly WireFrame[]; // Envoy's
  readonly replies: ReadonlyMap<number, readonly WireFrame[]>; // riffle's, by stream
}

function play(name: Parameters<typeof readRecording>[0]): Said {
  const session = readRecording(name);
  expect(session.subarray(0, PREFACE.length)).toEqual(PREFACE);
  return {
    frames: parseFrames(session.subarray(PREFACE.length)),
    replies: Map.groupBy(parseFrames(replay([session])), ({ stream }) => stream),
  };
}

const count = (frames: readonly WireFrame[], wanted: number): number => frames.filter(({ type }) => type === wanted).length;

/** The ext_proc replies of a stream, one a DATA frame. */
const read = (frames: readonly WireFrame[] = []): readonly Reply[] =>
  frames.filter(({ type }) => type === Frame.data).map(({ payload }) => readReply(payload.subarray(5)));

/** Each stream with its replies. */
const readAll = ({ replies }: Said): ReadonlyMap<number, readonly Reply[]> =>
  new Map([...replies].filter(([stream]) => stream > 0).map(([stream, frames]) => [stream, read(frames)]));

describe("fifty exchanges of an Envoy on one connection", () => {
  const said = play("envoy-exchanges");
  const all = readAll(said);

  test("the recording is what its README says", () => {
    expect(count(said.frames, Frame.headers)).toBe(50);
    expect(count(said.frames, Frame.rstStream)).toBe(50);
    expect(count(said.frames, Frame.ping)).toBeGreaterThan(3);
  });
  test("each is answered with headers and one message, and neither ended nor reset by us", () => {
    expect(all).toHaveLength(50);
    for (const stream of all.keys()) {
      expect(said.replies.get(stream)?.map(({ type, flags }) => [type, flags])).toEqual([
        [Frame.headers, Flag.endHeaders],
        [Frame.data, 0],
      ]);
    }
  });
  test("a customer's goes to a target of his shard, others are refused", () => {
    const chosen = [...all.values()].flatMap(([reply]) => reply?.set.filter((line) => line.startsWith("x-target-cluster: ")) ?? []);
    const targets = new Set(
      snapshot.pools
        .get("backends")
        ?.shardOf("acme")
        .map(({ id }) => `x-target-cluster: ${id}`),
    );
    expect(targets).toContain(all.get(1)?.[0]?.set[0]);
    expect(chosen).toHaveLength(46);
    const refused = [...all.values()].flatMap(([reply]) => (reply?.status === undefined ? [] : [reply.status]));
    expect(refused.toSorted()).toEqual([400, 400, 404, 404]);
  });
  test("every ping is answered in kind, and nothing else is said about the connection but settings and the window", () => {
    const pings = said.frames.filter(({ type }) => type === Frame.ping).map(({ payload }) => payload.toString("hex"));
    const about = said.replies.get(0) ?? [];
    expect(about.filter(({ type }) => type === Frame.ping).map(({ payload }) => payload.toString("hex"))).toEqual(pings);
    expect(about.slice(0, 3).map(({ type, flags }) => [type, flags])).toEqual([
      [Frame.settings, 0],
      [Frame.windowUpdate, 0],
      [Frame.settings, Flag.ack],
    ]);
    expect(about).toHaveLength(3 + pings.length);
  });
});

test("with every phase shown each message of an exchange is answered in its phase", () => {
  const all = readAll(play("envoy-bodies"));
  const phases = [...all.values()].map((replies) => replies.map(({ phase }) => phase).join(" "));
  const response = "responseHeaders responseBody";
  expect(phases.toSorted()).toEqual(
    [
      `requestHeaders ${response}`,
      `requestHeaders ${response}`,
      `requestHeaders requestBody ${response}`,
      `requestHeaders requestBody ${response}`,
      `requestHeaders requestBody ${response}`,
      `requestHeaders requestBody ${response}`,
      `requestHeaders requestBody requestTrailers ${response}`,
      "requestHeaders requestBody requestBody", // the client that went away
    ].toSorted(),
  );
});

test("every health check is answered SERVING, with its status behind it", () => {
  const { frames, replies } = play("envoy-health");
  const decoder = new HpackDecoder({ maxTableBytes: 4096, maxListBytes: 4096 });
  expect(replies.size - 1).toBe(count(frames, Frame.headers));
  for (const [stream, [opening, message, trailers, ...more]] of replies) {
    if (stream === 0) continue;
    expect(decoder.decode(opening?.payload ?? Buffer.alloc(0)).fields).toContainEqual({ name: ":status", value: "200" });
    expect(message?.payload.toString("hex")).toBe("00000000020801");
    expect(trailers?.flags).toBe(Flag.endHeaders | Flag.endStream);
    expect(decoder.decode(trailers?.payload ?? Buffer.alloc(0)).fields).toEqual([{ name: "grpc-status", value: "0" }]);
    expect(more).toEqual([]);
  }
});
