/** What the layer above makes of one stream. None of these may throw. */
export interface StreamHandler {
  /** Bytes of the body, in order; `bytes` is never written to again. They are credited with `Connection.credit`. */
  data(bytes: Buffer, start: number, end: number): void;
  /** The peer will send no more. */
  remoteEnd(): void;
  /** It is over and nothing can be sent: reset by either side, or the connection is gone. Once, unless we ended it ourselves. */
  closed(): void;
  /** All that waited for a window or the socket has left; what ends our side may go after it. */
  drained(): void;
}

/** The state of one stream, RFC 9113 §5.1; the connection alone changes it. */
export class Stream {
  readonly id: number;
  handler: StreamHandler | undefined;
  sendWindow: number; // bytes the peer takes; negative after it made its initial window smaller
  receiveWindow: number; // bytes the peer may still send
  received = 0; // bytes not credited yet
  uncredited = 0; // bytes credited, but not yet told the peer
  bodyLeft: number | undefined; // of the content-length announced
  remoteEnded = false;
  readonly waiting: Uint8Array[] = []; // DATA payloads for which there is no window or no socket yet
  waitingBytes = 0;
  endBlock: Uint8Array | undefined; // trailers that go after what waits

  constructor(id: number, sendWindow: number, receiveWindow: number) {
    this.id = id;
    this.sendWindow = sendWindow;
    this.receiveWindow = receiveWindow;
  }
}
