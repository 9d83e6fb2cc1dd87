import type { Duplex } from "node:stream";
import { TABLE_SIZE_ZERO } from "../hpack/encoder.ts";
import { DATA_FRAME_BYTES, Outbox, PREFIX_BYTES } from "./outbox.ts";
import { ConnectionError, DEFAULT_WINDOW, ErrorCode, Flag, Frame, MAX_WINDOW, StreamError } from "./protocol.ts";
import { INITIAL_SETTINGS, type PeerSettings } from "./settings.ts";
import type { Stream } from "./stream.ts";

export interface SenderHooks {
  /** The socket is full; or takes more again. */
  onCongested(isCongested: boolean): void;
  /** The last frame of our side of this stream has been written. */
  onEnded(stream: Stream): void;
}

/**
 * The sending half of a connection: one writer for all its streams. Frames of one tick leave in one write; DATA obeys the
 * windows of the stream and the connection, and waits while the socket is full. RFC 9113 §5.2, §6.9.
 */
export class Sender {
  readonly #socket: Duplex;
  readonly #hooks: SenderHooks;
  readonly #outbox: Outbox;
  readonly #flushNow = (): void => this.#flush();
  readonly #ready = new Set<Stream>(); // in turn: DATA waits, and the stream's own window is open
  #window = DEFAULT_WINDOW;
  #peer = INITIAL_SETTINGS;
  #owesTableUpdate = false;
  #isCongested = false;
  #isBatching = false;
  #isScheduled = false;

  constructor(socket: Duplex, hooks: SenderHooks) {
    this.#socket = socket;
    this.#outbox = new Outbox(socket);
    this.#hooks = hooks;
    socket.on("drain", () => {
      this.#isCongested = false;
      this.#pump();
      this.#flush();
      if (!this.#isCongested) hooks.onCongested(false);
    });
  }

  /** The window a new stream begins with. */
  get initialWindow(): number {
    return this.#peer.initialWindow;
  }

  get peer(): PeerSettings {
    return this.#peer;
  }

  /** Between these two nothing is written: the replies to one read leave together. */
  beginBatch(): void {
    this.#isBatching = true;
  }

  endBatch(): void {
    this.#isBatching = false;
    this.#flush();
  }

  /** A frame outside flow control, of 32-bit words. */
  words(type: number, flags: number, streamId: number, ...words: readonly number[]): void {
    this.#outbox.words(type, flags, streamId, ...words);
    this.#touch();
  }

  /** Any frame outside flow control. */
  frame(type: number, flags: number, streamId: number, bytes?: Uint8Array, start?: number, end?: number): void {
    this.#outbox.frame(type, flags, streamId, bytes, start, end);
    this.#touch();
  }

  settings(settings: Parameters<Outbox["settings"]>[0]): void {
    this.#outbox.settings(settings);
    this.#touch();
  }

  /** A header block, at most one frame large. */
  headers(stream: Stream, block: Uint8Array, isEnd: boolean): void {
    const bytes = this.#owesTableUpdate ? Buffer.concat([TABLE_SIZE_ZERO, block]) : block;
    this.#owesTableUpdate = false;
    this.frame(Frame.headers, Flag.endHeaders | (isEnd ? Flag.endStream : 0), stream.id, bytes);
    if (isEnd) this.#hooks.onEnded(stream);
  }

  /**
   * A gRPC message: at once if the windows and the socket have room for all of it, else in parts as they have. So goes a large one
   * too: what the socket does not take waits on the stream, where it is counted.
   */
  message(stream: Stream, message: Uint8Array): void {
    const total = PREFIX_BYTES + message.length;
    if (this.#canSend(stream) && total <= stream.sendWindow && total <= this.#window && total <= LARGE_BYTES) {
      stream.sendWindow -= total;
      this.#window -= total;
      this.#outbox.message(stream.id, message, DATA_FRAME_BYTES);
      this.#touch();
    } else {
      const prefix = Buffer.alloc(PREFIX_BYTES);
      prefix.writeUInt32BE(message.length, 1);
      this.data(stream, prefix, message);
    }
  }

  /** Plain bytes of the body: what there is room for at once; the rest waits. */
  data(stream: Stream, ...pieces: readonly Uint8Array[]): void {
    const isBehind = stream.waitingBytes > 0;
    for (const piece of pieces) {
      if (piece.length === 0) continue;
      stream.waiting.push(piece);
      stream.waitingBytes += piece.length;
    }
    if (isBehind) return;
    while (!this.#isCongested && this.#window > 0 && this.#sendPart(stream)) if (this.#outbox.isFull) this.#flush();
    this.#enqueue(stream);
  }

  /** Ends our side once all DATA has left: with a header block (trailers), or with an empty one for no trailers. */
  end(stream: Stream, block: Uint8Array): void {
    if (stream.waitingBytes > 0) stream.endBlock = block;
    else this.#end(stream, block);
  }

  /** Nothing more goes out on this stream. */
  forget(stream: Stream): void {
    this.#ready.delete(stream);
  }

  /** WINDOW_UPDATE of the connection. Throws ConnectionError. */
  widen(increment: number): void {
    this.#window += increment;
    if (this.#window > MAX_WINDOW) throw new ConnectionError(ErrorCode.flowControlError, "the connection's window overflows");
    this.#pump();
  }

  /** WINDOW_UPDATE of a stream. Throws StreamError. */
  widenStream(stream: Stream, increment: number): void {
    stream.sendWindow += increment;
    if (stream.sendWindow > MAX_WINDOW) throw new StreamError(ErrorCode.flowControlError, "the stream's window overflows");
    this.#enqueue(stream);
    this.#pump();
  }

  /** The peer's new settings; open streams' windows change with them. Throws ConnectionError. RFC 9113 §6.9.2. */
  adopt(peer: PeerSettings, streams: Iterable<Stream>): void {
    const change = peer.initialWindow - this.#peer.initialWindow;
    // We never use the table; a peer that made its smaller than the default must hear so first (RFC 7541 §4.2).
    if (peer.headerTableBytes < this.#peer.headerTableBytes) this.#owesTableUpdate = true;
    this.#peer = peer;
    for (const stream of streams) {
      stream.sendWindow += change;
      if (stream.sendWindow > MAX_WINDOW) throw new ConnectionError(ErrorCode.flowControlError, "a stream's window overflows");
      this.#enqueue(stream);
    }
    this.#pump();
  }

  /** Writes what there is, whatever the batch. */
  flush(): void {
    this.#flush();
  }

  #canSend(stream: Stream): boolean {
    return stream.waitingBytes === 0 && !this.#isCongested;
  }

  #touch(): void {
    if (this.#outbox.isFull) {
      this.#flush();
    } else if (!this.#isBatching && !this.#isScheduled) {
      // After the microtasks: the replies of every decision that becomes ready in this tick leave together.
      this.#isScheduled = true;
      process.nextTick(this.#flushNow);
    }
  }

  #flush(): void {
    this.#isScheduled = false;
    if (this.#outbox.isEmpty || !this.#socket.writable) return;
    if (this.#outbox.flush() || this.#isCongested) return;
    this.#isCongested = true;
    this.#hooks.onCongested(true);
  }

  #enqueue(stream: Stream): void {
    if (stream.waitingBytes > 0 && stream.sendWindow > 0) this.#ready.add(stream);
  }

  /** A frame of each stream in turn, for as long as the windows and the socket have room. */
  #pump(): void {
    for (const stream of this.#ready) {
      if (this.#isCongested || this.#window <= 0) return;
      this.#ready.delete(stream);
      this.#sendPart(stream);
      if (stream.waitingBytes === 0) this.#finish(stream);
      else this.#enqueue(stream); // behind the others; this loop meets it again
      if (this.#outbox.isFull) this.#flush();
    }
  }

  #sendPart(stream: Stream): boolean {
    const [bytes] = stream.waiting;
    if (bytes === undefined || stream.sendWindow <= 0) return false;
    const length = Math.min(bytes.length, DATA_FRAME_BYTES, stream.sendWindow, this.#window);
    this.frame(Frame.data, 0, stream.id, bytes, 0, length);
    stream.sendWindow -= length;
    this.#window -= length;
    stream.waitingBytes -= length;
    if (length < bytes.length) stream.waiting[0] = bytes.subarray(length);
    else stream.waiting.shift();
    return true;
  }

  #finish(stream: Stream): void {
    stream.handler?.drained();
    if (stream.endBlock !== undefined && stream.waitingBytes === 0) this.#end(stream, stream.endBlock);
  }

  #end(stream: Stream, block: Uint8Array): void {
    if (block.length > 0) {
      this.headers(stream, block, true);
    } else {
      this.frame(Frame.data, Flag.endStream, stream.id);
      this.#hooks.onEnded(stream);
    }
  }
}

/** Larger messages are not copied whole into a buffer that the socket may not take. */
const LARGE_BYTES = 64 * 1024;
