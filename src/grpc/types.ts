import type { Address } from "../core/rules.ts";

/** gRPC status codes riffle uses. https://grpc.io/docs/guides/status-codes/ */
export const Code = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const;

export interface Status {
  readonly code: number;
  readonly message: string;
}

/** Thrown by a unary handler to end its call with this status; anything else thrown ends it with INTERNAL. */
export class StatusError extends Error implements Status {
  override readonly name = "StatusError";
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** What a call came with. Metadata values are byte strings; names are lower case; binary (`-bin`) ones are decoded. */
export interface Call {
  readonly metadata: { get(name: string): string | undefined };
}

/** Towards the client. Neither throws; both do nothing once the stream is over. */
export interface Outlet {
  send(message: Uint8Array): void;
  /** Ends the stream; OK when no status is given. */
  end(status?: Status): void;
}

/**
 * From the client, in order. A stream is over with our `end` or with `cancel`, whichever is first; after it nothing comes any more.
 * None of these may throw: a transport ends the stream with INTERNAL then.
 */
export interface Inlet {
  message(message: Uint8Array): void;
  /** The client will send no more; it still waits for what is owed, and for our end. At most once. */
  end(): void;
  /** The client is gone: cancelled, reset or disconnected. Envoy ends a normal exchange so; it is no error. At most once. */
  cancel(): void;
}

/** One method on raw message bytes. `path` as on the wire: `/package.Service/Method`. A server stream is a `bidi` too. */
export type Method =
  | {
      readonly kind: "unary";
      readonly path: string;
      readonly handle: (message: Uint8Array, call: Call) => Uint8Array | Promise<Uint8Array>;
    }
  | { readonly kind: "bidi"; readonly path: string; readonly open: (outlet: Outlet, call: Call) => Inlet };

/** What a TLS listener proves itself with, each in PEM, checked by whoever read it. */
export interface TlsMaterial {
  readonly cert: Uint8Array; // the listener's, with what stands between it and the root
  readonly key: Uint8Array;
  readonly clientCa?: Uint8Array | undefined; // given: only clients with a certificate signed by one of these are let in
}

/** A gRPC server for one set of methods, which may listen in several places. */
export interface GrpcServer {
  /** Starts to listen, on TLS if so told; resolves with where it does (port 0 is replaced by the real one). Rejects with ListenError. */
  listen(address: Address, tls?: TlsMaterial): Promise<Address>;
  /**
   * No new connection or stream (GOAWAY); resolves when all streams have finished, or after `graceMs` when the rest is cut.
   * Called again, it may cut sooner.
   */
  drain(graceMs: number): Promise<void>;
}

/** A listener that could not be opened; the message is one line for the operator. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

export type CreateGrpcServer = (methods: readonly Method[]) => GrpcServer;
