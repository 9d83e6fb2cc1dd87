import { connect, type Socket } from "node:net";
import { type Response, readResponse } from "./response.ts";

/** Told of every request that is over; status 0: no response. */
export type OnDone = (connection: Connection, status: number, us: number) => void;

export interface ConnectionOptions {
  readonly port: number;
  readonly requests: readonly Buffer[];
  readonly first: number; // index of the first request to send; the others follow in turn
  readonly onDone: OnDone;
}

const READ_BYTES = 16 * 1024;
const REOPEN_MS = 10; // a server that refuses connections must not be asked in a busy loop

/** One HTTP/1.1 client connection that is kept open, with one request at a time. A broken one is opened anew. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #buffer = Buffer.allocUnsafe(READ_BYTES); // read into again and again
  #socket: Socket | undefined;
  #next: number;
  #sentAt: number | undefined; // ms; undefined: no request is under way
  #partial: Buffer | undefined; // the response so far

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#next = options.first;
  }

  /** Connects; resolves when that is done. Rejects when it cannot be. */
  open(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onread = { buffer: this.#buffer, callback: (bytes: number) => this.#read(bytes) };
    const socket = connect({ port: this.#options.port, host: "127.0.0.1", noDelay: true, onread }, resolve);
    socket.once("error", reject).once("close", () => this.#closed(socket));
    this.#socket = socket;
    return promise;
  }

  /** Sends the next request. `onDone` is told once what came of it. */
  send(): void {
    const request = this.#options.requests[this.#next++ % this.#options.requests.length];
    this.#sentAt = performance.now();
    if (request !== undefined) this.#socket?.write(request);
  }

  close(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
  }

  #read(bytes: number): boolean {
    const chunk = this.#buffer.subarray(0, bytes);
    const all = this.#partial === undefined ? chunk : Buffer.concat([this.#partial, chunk]);
    const response = this.#understand(all);
    if (response !== undefined) {
      this.#partial = undefined;
      this.#done(response.status);
    } else if (this.#sentAt !== undefined) {
      this.#partial = Buffer.from(all); // a copy: the buffer is read into again
    }
    return true;
  }

  #understand(bytes: Buffer): Response | undefined {
    try {
      return readResponse(bytes);
    } catch {
      this.#socket?.destroy(); // counted as a failure once it is closed
      return undefined;
    }
  }

  #closed(socket: Socket): void {
    if (this.#socket !== socket) return; // on purpose
    const reopen = (): Promise<void> => this.open().catch(() => undefined); // its own close is told again
    this.#partial = undefined;
    setTimeout(() => void reopen().then(() => this.#done(0)), REOPEN_MS);
  }

  #done(status: number): void {
    if (this.#sentAt === undefined) return; // closed while nothing was under way
    const us = (performance.now() - this.#sentAt) * 1000;
    this.#sentAt = undefined;
    this.#options.onDone(this, status, us);
  }
}
