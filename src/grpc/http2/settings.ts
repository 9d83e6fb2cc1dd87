import { ConnectionError, DEFAULT_FRAME_BYTES, DEFAULT_TABLE_BYTES, DEFAULT_WINDOW, ErrorCode, MAX_WINDOW, Setting } from "./protocol.ts";

/** What the peer wants of us. RFC 9113 §6.5.2. */
export interface PeerSettings {
  readonly headerTableBytes: number; // the smallest it ever asked for, RFC 7541 §4.2
  readonly initialWindow: number;
  readonly frameBytes: number;
}

export const INITIAL_SETTINGS: PeerSettings = {
  headerTableBytes: DEFAULT_TABLE_BYTES,
  initialWindow: DEFAULT_WINDOW,
  frameBytes: DEFAULT_FRAME_BYTES,
};

/** The settings after a SETTINGS frame's payload, whose length is a multiple of six. Throws ConnectionError. */
export function applySettings(before: PeerSettings, bytes: Buffer, start: number, end: number): PeerSettings {
  let { headerTableBytes, initialWindow, frameBytes } = before;
  for (let at = start; at < end; at += 6) {
    const value = bytes.readUInt32BE(at + 2);
    switch (bytes.readUInt16BE(at)) {
      case Setting.headerTableSize:
        headerTableBytes = Math.min(headerTableBytes, value);
        break;
      case Setting.enablePush:
        if (value > 1) throw new ConnectionError(ErrorCode.protocolError, "ENABLE_PUSH is neither 0 nor 1");
        break;
      case Setting.initialWindowSize:
        if (value > MAX_WINDOW) throw new ConnectionError(ErrorCode.flowControlError, "INITIAL_WINDOW_SIZE is too large");
        initialWindow = value;
        break;
      case Setting.maxFrameSize:
        if (value < DEFAULT_FRAME_BYTES || value > 2 ** 24 - 1) {
          throw new ConnectionError(ErrorCode.protocolError, "MAX_FRAME_SIZE is out of bounds");
        }
        frameBytes = value;
        break;
    }
  }
  return { headerTableBytes, initialWindow, frameBytes };
}
