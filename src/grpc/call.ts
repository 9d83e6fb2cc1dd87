import { Ledger } from "./http2/bucket.ts";
import type { Connection } from "./http2/connection.ts";
import { ErrorCode } from "./http2/protocol.ts";
import type { Stream, StreamHandler } from "./http2/stream.ts";
import { MessageReader } from "./message-reader.ts";
import { encodeTrailers, encodeTrailersOnly, REPLY_HEADERS } from "./replies.ts";
import { Code, type Inlet, type Outlet, type Status, StatusError } from "./types.ts";

const OK: Status = { code: Code.ok, message: "" };
const CUT_OFF: Status = { code: Code.internal, message: "the stream ended inside a message" };
const LATE: Status = { code: Code.deadlineExceeded, message: "deadline exceeded" };
const TOO_LARGE: Status = { code: Code.resourceExhausted, message: "a reply over the limit" };

/** What a handler threw, as a status: its own, or INTERNAL without a word about our insides. */
export const statusOf = (cause: unknown): Status =>
  cause instanceof StatusError ? cause : { code: Code.internal, message: "internal error" };

/** An outlet whose call counts what the method keeps of its messages. */
export interface Keeper extends Outlet {
  /** The same bytes, entered as held until the call is over, in memory of their own. Throws StatusError RESOURCE_EXHAUSTED. */
  keep(message: Uint8Array): Uint8Array;
}

/**
 * One gRPC call on one stream: messages up to the method's inlet, replies down from its outlet. While replies wait for the client
 * to read, no more of its messages are taken, and so its window closes.
 */
export class GrpcCall implements StreamHandler, Keeper {
  readonly #connection: Connection;
  readonly #stream: Stream;
  readonly #reader: MessageReader;
  #ledger: Ledger | undefined;
  #inlet: Inlet | undefined;
  #hasHeaders = false;
  #isOver = false; // we ended it, or the client is gone
  #owesEnd = false; // the client has ended, and the inlet has not heard of it
  #waiting = 0; // bytes of replies that wait for a window or the socket
  #held = 0; // bytes of the client's that wait for our replies, not credited
  #timer: NodeJS.Timeout | undefined;

  constructor(connection: Connection, stream: Stream) {
    this.#connection = connection;
    this.#stream = stream;
    this.#reader = new MessageReader(connection.limits.messageBytes, () => this.#openLedger());
  }

  /** Starts the method; what it throws ends the call. */
  start(open: (outlet: Keeper) => Inlet, timeoutMs: number | undefined): void {
    if (timeoutMs !== undefined) this.#timer = setTimeout(() => this.#abort(LATE), timeoutMs);
    try {
      this.#inlet = open(this);
    } catch (cause) {
      this.end(statusOf(cause));
    }
  }

  send(message: Uint8Array): void {
    if (this.#isOver) return;
    if (message.length > this.#connection.limits.messageBytes) this.#abort(TOO_LARGE);
    else this.#send(message);
  }

  #send(message: Uint8Array): void {
    if (!this.#hasHeaders) this.#connection.sendHeaders(this.#stream, REPLY_HEADERS, false);
    this.#hasHeaders = true;
    const before = this.#stream.waitingBytes;
    this.#connection.sendMessage(this.#stream, message);
    const waits = this.#stream.waitingBytes - before;
    if (waits <= 0) return;
    if (this.#openLedger().take(waits)) this.#waiting += waits;
    else this.#cut();
  }

  keep(message: Uint8Array): Uint8Array {
    if (this.#stream.remoteEnded) return message; // then nobody waits for the client
    if (!this.#openLedger().take(message.length)) throw new StatusError(Code.resourceExhausted, "too many bytes are waiting");
    // A view would keep the whole read alive.
    return message.buffer.byteLength === message.length ? message : Uint8Array.from(message);
  }

  end(status: Status = OK): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    if (this.#hasHeaders) this.#connection.end(this.#stream, encodeTrailers(status));
    else this.#connection.sendHeaders(this.#stream, encodeTrailersOnly(status), true);
    if (this.#waiting === 0) this.#ledger?.close();
  }

  data(bytes: Buffer, start: number, end: number): void {
    if (this.#waiting > 0 && !this.#isOver) {
      this.#hold(bytes, start, end);
      return;
    }
    this.#connection.credit(this.#stream, end - start);
    if (this.#isOver) return; // what we said last still waits for a window
    try {
      this.#reader.push(bytes, start, end);
      this.#deliver();
    } catch (cause) {
      this.#abort(statusOf(cause));
    }
  }

  remoteEnd(): void {
    this.#owesEnd = true;
    if (this.#waiting === 0) this.#guard(() => this.#deliver());
  }

  closed(): void {
    clearTimeout(this.#timer);
    this.#ledger?.close();
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancel();
  }

  drained(): void {
    this.#ledger?.give(this.#waiting);
    this.#waiting = 0;
    if (this.#held > 0) this.#connection.credit(this.#stream, this.#held);
    this.#held = 0;
    if (this.#isOver) this.#ledger?.close();
    else this.#guard(() => this.#deliver());
  }

  #hold(bytes: Buffer, start: number, end: number): void {
    this.#held += end - start;
    try {
      this.#reader.hold(bytes, start, end);
    } catch {
      this.#cut(); // there is no room for more
    }
  }

  /** Hands messages up for as long as no reply waits. Throws what the inlet throws, and StatusError. */
  #deliver(): void {
    while (!this.#isOver && this.#waiting === 0) {
      const message = this.#reader.next();
      if (message === undefined) {
        this.#deliverEnd();
        return;
      }
      this.#inlet?.message(message);
    }
    if (!this.#isOver) this.#reader.park();
  }

  #deliverEnd(): void {
    if (!this.#owesEnd) return;
    this.#owesEnd = false;
    if (this.#reader.isEmpty) this.#inlet?.end();
    else this.#abort(CUT_OFF);
  }

  #guard(step: () => void): void {
    try {
      step();
    } catch (cause) {
      this.#abort(statusOf(cause));
    }
  }

  /** Ends the call for the inlet, too. */
  #abort(status: Status): void {
    if (this.#isOver) return;
    this.end(status);
    this.#cancel();
  }

  /** For a client that lets replies pile up: trailers would only wait behind them. */
  #cut(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#ledger?.close(); // first: the reset may end the connection, and with it the ledger above
    this.#connection.reset(this.#stream, ErrorCode.enhanceYourCalm);
    this.#cancel();
  }

  #cancel(): void {
    try {
      this.#inlet?.cancel();
    } catch {
      // The call is over; there is nobody left to tell.
    }
  }

  #openLedger(): Ledger {
    this.#ledger ??= new Ledger(this.#connection.limits.streamBytes, this.#connection.ledger);
    return this.#ledger;
  }
}
