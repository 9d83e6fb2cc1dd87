/** Largest gRPC message in either direction. Envoy's streamed body parts are as big as its reads: 2 MiB have been seen. */
export const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;

/**
 * Stream resets a second that a listener of Envoy's own machine takes before it says GOAWAY: no limit in practice.
 * Envoy ends every exchange with a reset, and Node's default of about 1,000 would cost it the streams in flight.
 */
export const TRUSTED_RESETS_PER_S = 1_000_000_000;

/** How long a peer may take to close a connection that we have ended, before it is cut: a drain waits for streams, not for idlers. */
export const LINGER_MS = 500;
