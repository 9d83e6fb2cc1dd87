import { Client, credentials, Metadata, type ServiceError, type StatusObject } from "@grpc/grpc-js";
import type { Address } from "../../src/core/rules.ts";

/** A gRPC client on raw bytes, for tests. */
export interface TestClient {
  unary(path: string, message: Uint8Array, metadata?: Metadata): Promise<Buffer>;
  stream(path: string, metadata?: Metadata): TestStream;
  close(): void;
}

export interface TestStream {
  send(...messages: readonly (string | Uint8Array)[]): void;
  end(): void;
  cancel(): void;
  /** The next message not yet taken, as text; rejects when the stream is over. */
  next(): Promise<string>;
  /** All messages from here on, once the stream is over. */
  rest(): Promise<string[]>;
  readonly status: Promise<StatusObject>;
}

const raw = (message: Buffer): Buffer => message;
const OPTIONS = {
  "grpc.use_local_subchannel_pool": 1, // a connection a client
  "grpc.enable_http_proxy": 0,
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
};

/** What a client of a TLS listener trusts, and who it is. */
export interface ClientTls {
  readonly ca: Buffer;
  readonly own: { readonly cert: Buffer; readonly key: Buffer } | undefined;
}

/** Connects on first use. */
export function connect(address: Address, tls?: ClientTls): TestClient {
  const target = address.kind === "unix" ? `unix:${address.path}` : `127.0.0.1:${address.port}`;
  const secured = tls ? credentials.createSsl(tls.ca, tls.own?.key, tls.own?.cert) : credentials.createInsecure();
  const client = new Client(target, secured, OPTIONS);
  return {
    unary: (path, message, metadata = new Metadata()) =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(path, raw, raw, Buffer.from(message), metadata, (error, reply) =>
          reply === undefined ? reject(error) : resolve(reply),
        );
      }),
    stream: (path, metadata = new Metadata()) => openStream(client, path, metadata),
    close: () => client.close(),
  };
}

function openStream(client: Client, path: string, metadata: Metadata): TestStream {
  const call = client.makeBidiStreamRequest(path, raw, raw, metadata);
  const messages: string[] = [];
  let waiting: (() => void) | undefined;
  let over = false;
  const wake = (): void => waiting?.();
  const { promise: status, resolve } = Promise.withResolvers<StatusObject>();
  call.on("data", (message: Buffer) => {
    messages.push(message.toString());
    wake();
  });
  call.on("error", (_: ServiceError) => undefined); // `status` says the same
  call.on("status", (object: StatusObject) => {
    over = true;
    resolve(object);
    wake();
  });
  const next = async (): Promise<string> => {
    for (;;) {
      const message = messages.shift();
      if (message !== undefined) return message;
      if (over) throw new Error(`the stream is over: ${(await status).details}`);
      await new Promise<void>((resolve) => {
        waiting = resolve;
      });
    }
  };
  return {
    send: (...all) => {
      for (const message of all) call.write(Buffer.from(message));
    },
    end: () => call.end(),
    cancel: () => call.cancel(),
    next,
    rest: async () => {
      await status;
      return messages.splice(0);
    },
    status,
  };
}
