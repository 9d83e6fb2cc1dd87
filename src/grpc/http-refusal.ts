import type { Connection } from "./http2/connection.ts";
import type { Stream, StreamHandler } from "./http2/stream.ts";
import { encodeHttpHeaders } from "./replies.ts";

const NO_TRAILERS = new Uint8Array(0);
const BODY = Buffer.from("This port speaks gRPC.\n");

/** The plain HTTP answer to a client that does not speak gRPC, once its request is whole. */
export class HttpRefusal implements StreamHandler {
  readonly #connection: Connection;
  readonly #stream: Stream;
  readonly #status: number;

  constructor(connection: Connection, stream: Stream, status: number) {
    this.#connection = connection;
    this.#stream = stream;
    this.#status = status;
  }

  data(_bytes: Buffer, start: number, end: number): void {
    this.#connection.credit(this.#stream, end - start); // its body is of no interest
  }

  remoteEnd(): void {
    this.#connection.sendHeaders(this.#stream, encodeHttpHeaders(this.#status), false);
    this.#connection.sendData(this.#stream, BODY);
    this.#connection.end(this.#stream, NO_TRAILERS);
  }

  closed(): void {}
  drained(): void {}
}
