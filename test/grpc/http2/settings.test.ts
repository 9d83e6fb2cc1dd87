import { describe, expect, test } from "vitest";
import { ConnectionError, ErrorCode, Setting } from "../../../src/grpc/http2/protocol.ts";
import { applySettings, INITIAL_SETTINGS, type PeerSettings } from "../../../src/grpc/http2/settings.ts";
import { settingsPayload } from "./frames.ts";

const apply = (...entries: readonly (readonly [id: number, value: number])[]): PeerSettings => {
  const payload = settingsPayload(entries);
  return applySettings(INITIAL_SETTINGS, Buffer.concat([Buffer.from("before"), payload, Buffer.from("behind")]), 6, 6 + payload.length);
};

describe("settings of the peer", () => {
  test("none change nothing", () => {
    expect(apply()).toEqual(INITIAL_SETTINGS);
  });
  test("those that concern us are taken over, others are ignored", () => {
    const taken = apply(
      ...([
        [Setting.headerTableSize, 100],
        [Setting.enablePush, 0],
        [Setting.maxConcurrentStreams, 7],
        [Setting.initialWindowSize, 5],
      ] as const),
      ...([
        [Setting.maxFrameSize, 20_000],
        [Setting.maxHeaderListSize, 1],
        [0xbeef, 42],
      ] as const),
    );
    expect(taken).toEqual({ headerTableBytes: 100, initialWindow: 5, frameBytes: 20_000 });
  });
  test("said twice, the last one holds", () => {
    expect(apply([Setting.initialWindowSize, 5], [Setting.initialWindowSize, 6]).initialWindow).toBe(6);
  });
  test("of the header table the smallest size is remembered, whatever came after it", () => {
    expect(apply([Setting.headerTableSize, 0], [Setting.headerTableSize, 4096]).headerTableBytes).toBe(0);
    expect(apply([Setting.headerTableSize, 65_536]).headerTableBytes).toBe(4096);
  });
  test.each([
    ["a window of 2^31-1", Setting.initialWindowSize, 2 ** 31 - 1],
    ["no window", Setting.initialWindowSize, 0],
    ["the smallest frames", Setting.maxFrameSize, 16_384],
    ["the largest frames", Setting.maxFrameSize, 2 ** 24 - 1],
    ["push allowed", Setting.enablePush, 1],
  ])("%s is allowed", (_, id, value) => {
    expect(() => apply([id, value])).not.toThrow();
  });
  test.each([
    ["a window of 2^31", Setting.initialWindowSize, 2 ** 31, ErrorCode.flowControlError],
    ["frames of 16,383", Setting.maxFrameSize, 16_383, ErrorCode.protocolError],
    ["frames of 2^24", Setting.maxFrameSize, 2 ** 24, ErrorCode.protocolError],
    ["push neither off nor on", Setting.enablePush, 2, ErrorCode.protocolError],
  ])("%s ends the connection with the code of RFC 9113 §6.5.2", (_, id, value, code) => {
    expect(() => apply([id, value])).toThrow(ConnectionError);
    expect(() => apply([id, value])).toThrow(expect.objectContaining({ code }));
  });
});
