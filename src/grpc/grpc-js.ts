import {
  logVerbosity,
  type Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
  setLogVerbosity,
} from "@grpc/grpc-js";
import { MAX_MESSAGE_BYTES, TRUSTED_RESETS_PER_S } from "./limits.ts";
import { isTrusted, type Listener, openListener } from "./listener.ts";
import {
  type Call,
  Code,
  type CreateGrpcServer,
  type Inlet,
  ListenError,
  type Method,
  type Outlet,
  type Status,
  StatusError,
} from "./types.ts";

/** The gRPC server on @grpc/grpc-js: the reference that riffle's own transport is measured against. */
export const createGrpcJsServer: CreateGrpcServer = (methods) => {
  setLogVerbosity(logVerbosity.NONE); // it writes to stderr what any client may provoke
  const open: { readonly server: Server; readonly listener: Listener }[] = [];
  let draining = false;
  return {
    listen: async (address, tls) => {
      const server = createServer(methods, isTrusted(address, tls));
      const { injectConnection } = server.createConnectionInjector(ServerCredentials.createInsecure()); // TLS is the listener's affair
      const listener = await openListener(address, injectConnection, { tls });
      if (draining) {
        await listener.close(0);
        throw new ListenError("cannot listen: the server is shutting down");
      }
      open.push({ server, listener });
      return listener.address;
    },
    drain: async (graceMs) => {
      draining = true;
      await Promise.all(open.map(({ server, listener }) => drain(server, listener, graceMs)));
    },
  };
};

/** A server for one listener: its limit of resets depends on who can reach it, and grpc-js has one limit a server. */
function createServer(methods: readonly Method[], trusted: boolean): Server {
  const server = new Server({
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
    "grpc.enable_channelz": 0, // nobody reads it, and it costs a record a stream
  });
  if (trusted) {
    // No public option reaches http2.createServer; a test notices should this private one go away.
    const { commonServerOptions } = server as unknown as { commonServerOptions: Record<string, unknown> };
    Object.assign(commonServerOptions, { streamResetBurst: TRUSTED_RESETS_PER_S, streamResetRate: TRUSTED_RESETS_PER_S });
  }
  for (const method of methods) register(server, method);
  return server;
}

function register(server: Server, method: Method): void {
  const { path } = method;
  if (method.kind === "unary") {
    const handler = (call: ServerUnaryCall<Buffer, Uint8Array>, reply: sendUnaryData<Uint8Array>) => void handleUnary(method, call, reply);
    server.register(path, handler, serialize, deserialize, "unary");
  } else {
    server.register(path, (stream: ServerDuplexStream<Buffer, Uint8Array>) => openBidi(method, stream), serialize, deserialize, "bidi");
  }
}

const serialize = (message: Uint8Array): Buffer => Buffer.from(message.buffer, message.byteOffset, message.length);
const deserialize = (message: Buffer): Buffer => message;

async function handleUnary(
  method: Extract<Method, { kind: "unary" }>,
  { request, metadata }: ServerUnaryCall<Buffer, Uint8Array>,
  reply: sendUnaryData<Uint8Array>,
): Promise<void> {
  try {
    reply(null, await method.handle(request, toCall(metadata)));
  } catch (cause) {
    reply(toServiceError(statusOf(cause)));
  }
}

/** Joins a method's two sides to a stream of grpc-js. That says `cancelled` after our own end, too. */
function openBidi(method: Extract<Method, { kind: "bidi" }>, stream: ServerDuplexStream<Buffer, Uint8Array>): void {
  let over = false;
  const outlet: Outlet = {
    send: (message) => {
      if (!over && !stream.write(message)) waitForReader(stream);
    },
    end: (status) => {
      if (over) return;
      over = true;
      if (status === undefined || status.code === Code.ok) stream.end();
      else stream.emit("error", toServiceError(status)); // its way of ending with a status, once all is written
    },
  };
  const guard = (step: () => void): void => {
    try {
      if (!over) step();
    } catch (cause) {
      outlet.end(statusOf(cause));
    }
  };
  guard(() => {
    const inlet: Inlet = method.open(outlet, toCall(stream.metadata));
    stream.on("data", (message: Buffer) => guard(() => inlet.message(message)));
    // Node tells of a reset by an end first (Http2Stream._destroy); a true end is not followed by a cancel in the same turn.
    stream.on("end", () => setImmediate(guard, () => inlet.end()));
    stream.on("cancelled", () =>
      guard(() => {
        over = true;
        inlet.cancel();
      }),
    );
  });
}

/** A client that does not read our replies is not listened to either, or they would pile up. */
function waitForReader(stream: ServerDuplexStream<Buffer, Uint8Array>): void {
  if (stream.isPaused()) return;
  stream.pause();
  stream.once("drain", () => stream.resume());
}

const toCall = (metadata: Metadata): Call => ({
  metadata: { get: (name) => metadata.get(name)[0]?.toString("latin1") },
});

/** What a handler threw, as a status: its own, or INTERNAL without a word about our insides. */
const statusOf = (cause: unknown): Status => (cause instanceof StatusError ? cause : { code: Code.internal, message: "internal error" });

/** In the form grpc-js takes; it throws for a lone surrogate. */
const toServiceError = ({ code, message }: Status) => ({ code, name: "StatusError", message, details: message.toWellFormed() });

async function drain(server: Server, listener: Listener, graceMs: number): Promise<void> {
  server.tryShutdown(() => {}); // says GOAWAY; the listener knows when the last connection has ended
  await listener.close(graceMs);
}
