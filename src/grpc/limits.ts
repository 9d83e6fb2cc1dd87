/**
 * Every bound of riffle's own transport, in one table; each is proven by an attack in the tests. A trusted listener (unix socket,
 * loopback, mTLS) has Envoys of ours on its other end, which reset a stream per request and are many streams at once.
 */
export interface Limits {
  /** Streams at once on one connection (SETTINGS_MAX_CONCURRENT_STREAMS); one more is REFUSED_STREAM. */
  readonly concurrentStreams: number;
  /** A header list decoded, as SETTINGS_MAX_HEADER_LIST_SIZE counts it; a larger one ends its stream with ENHANCE_YOUR_CALM. */
  readonly headerListBytes: number;
  /** A header block as it comes, all its frames together; a larger one ends the connection with ENHANCE_YOUR_CALM. */
  readonly headerBlockBytes: number;
  /** CONTINUATION frames of one header block; one more ends the connection with ENHANCE_YOUR_CALM. */
  readonly continuations: number;
  /** Frames that ask for work and bring nothing (PING, SETTINGS, their acks, PRIORITY, empty DATA, unknown types, misused streams). */
  readonly idleFrames: Rate;
  /** Streams that the client resets, or makes us reset; more ends the connection with ENHANCE_YOUR_CALM. */
  readonly resets: Rate;
  /** From the connection to the client's first SETTINGS frame. */
  readonly handshakeMs: number;
  /** Without a single byte from the client; then GOAWAY. */
  readonly idleMs: number;
  /** One gRPC message in either direction; a larger one is RESOURCE_EXHAUSTED. Envoy's streamed parts have been seen at 2 MiB. */
  readonly messageBytes: number;
  /**
   * Messages in parts or not yet wanted, and replies that wait for a window, of one stream; then RESOURCE_EXHAUSTED, or a reset with
   * ENHANCE_YOUR_CALM where that would wait behind them.
   */
  readonly streamBytes: number;
  /** The same of all streams of one connection. */
  readonly connectionBytes: number;
  /** The same of all connections of one server. */
  readonly processBytes: number;
  /** Connections at once on one listener; one more is closed unheard. */
  readonly connections: number;
}

/** A token bucket: `burst` at once, `perSecond` in the long run. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

const MIB = 1024 * 1024;

/** Largest gRPC message in either direction, of both transports. */
export const MAX_MESSAGE_BYTES = 8 * MIB;

/** For listeners that anybody may reach. Resets as Node's own HTTP/2 server limits them. */
export const STRICT: Limits = {
  concurrentStreams: 1_000,
  headerListBytes: 64 * 1024,
  headerBlockBytes: 128 * 1024,
  continuations: 16,
  idleFrames: { burst: 1_000, perSecond: 100 },
  resets: { burst: 1_000, perSecond: 33 },
  handshakeMs: 10_000,
  idleMs: 5 * 60_000,
  messageBytes: MAX_MESSAGE_BYTES,
  streamBytes: 16 * MIB + 64 * 1024,
  connectionBytes: 64 * MIB,
  processBytes: 256 * MIB,
  connections: 1_000,
};

/** For listeners where Envoys of ours are: a reset ends every one of their exchanges. */
export const TRUSTED: Limits = {
  ...STRICT,
  concurrentStreams: 100_000,
  idleFrames: { burst: 10_000, perSecond: 10_000 },
  resets: { burst: Number.POSITIVE_INFINITY, perSecond: Number.POSITIVE_INFINITY },
  connections: 10_000,
};

/**
 * Stream resets a second that grpc-js takes on a trusted listener before it says GOAWAY: no limit in practice.
 * Envoy ends every exchange with a reset, and Node's default of about 1,000 would cost it the streams in flight.
 */
export const TRUSTED_RESETS_PER_S = 1_000_000_000;

/** How long a connection that has nothing left to say may take to close. */
export const LINGER_MS = 500;

/** How long a client may take to prove itself on a TLS listener. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;
