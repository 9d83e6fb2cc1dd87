import type { Duplex } from "node:stream";
import type { DecodedBlock } from "../hpack/decoder.ts";
import type { Limits } from "../limits.ts";
import { Bucket, type Ledger } from "./bucket.ts";
import { FrameParser, type Inbound } from "./frame-parser.ts";
import { FrameReader } from "./frame-reader.ts";
import { HeadReader } from "./head-reader.ts";
import { ConnectionError, calm, DEFAULT_WINDOW, ErrorCode, Flag, Frame, MAX_STREAM_ID, protocolError, StreamError } from "./protocol.ts";
import { isTrailers, type RequestHead } from "./request.ts";
import { Sender } from "./sender.ts";
import { applySettings } from "./settings.ts";
import { Stream, type StreamHandler } from "./stream.ts";
import { StreamTable } from "./stream-table.ts";

/** How much a peer may send ahead of us, on one stream and on all of them. */
const STREAM_WINDOW = 1024 * 1024;
const CONNECTION_WINDOW = 16 * 1024 * 1024;

export interface ConnectionOptions {
  readonly socket: Duplex;
  readonly limits: Limits;
  /** What the streams of this connection hold for later. */
  readonly ledger: Ledger;
  readonly now: () => number; // ms of a steady clock
  /** What to do with streams of this head. Must not throw. */
  readonly prepare: (head: RequestHead) => Opening;
  /** Why a connection ended that did not end well; for counters. */
  readonly onError: (error: ConnectionError) => void;
  /** Hears of what should never be thrown here: a bug. */
  readonly onBug: (cause: unknown) => void;
}

/** Opens a stream; what it returns hears of it from then on, and undefined of a stream that is answered already. Must not throw. */
export type Opening = (connection: Connection, stream: Stream) => StreamHandler | undefined;

/** One HTTP/2 connection of a server, RFC 9113: frames in, streams up, one writer down. */
export class Connection implements Inbound {
  readonly ledger: Ledger;
  readonly limits: Limits;
  readonly #socket: Duplex;
  readonly #options: ConnectionOptions;
  readonly #sender: Sender;
  readonly #reader: FrameReader;
  readonly #parser: FrameParser;
  readonly #heads: HeadReader<Opening>;
  readonly #streams = new StreamTable();
  readonly #idleFrames: Bucket;
  readonly #resets: Bucket;
  #receiveWindow = CONNECTION_WINDOW;
  #uncredited = 0;
  #state: "open" | "draining" | "closing" = "open"; // draining: GOAWAY is out; closing: nothing is read any more
  #isRefusing = false;
  readonly #openedAtMs: number;
  #heardAtMs: number;
  #isProbed = false;

  constructor(options: ConnectionOptions) {
    const { socket, limits, ledger, now, prepare } = options;
    this.#options = options;
    this.#socket = socket;
    this.limits = limits;
    this.ledger = ledger;
    this.#openedAtMs = now();
    this.#heardAtMs = this.#openedAtMs;
    this.#idleFrames = new Bucket(limits.idleFrames, now());
    this.#resets = new Bucket(limits.resets, now());
    this.#heads = new HeadReader(limits.headerListBytes, prepare);
    this.#parser = new FrameParser(this, limits);
    this.#reader = new FrameReader((type, flags, id, bytes, start, end) => this.#onFrame(type, flags, id, bytes, start, end));
    this.#sender = new Sender(socket, {
      onCongested: (isCongested) => void (isCongested ? socket.pause() : socket.resume()),
      onEnded: (stream) => this.#finishLocal(stream),
    });
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("error", () => socket.destroy()); // a peer that is gone is told by `close`
    socket.on("close", () => this.#abandon());
    this.#greet();
  }

  get streams(): number {
    return this.#streams.size;
  }

  /**
   * Closes what says nothing: no SETTINGS in time, not a byte for long. A peer with open streams is asked once whether it is
   * there; one that does not read what we send does not answer either. Called now and then.
   */
  checkIdle(nowMs: number): void {
    const { handshakeMs, idleMs } = this.limits;
    if (!this.#parser.hasSettings) {
      if (nowMs - this.#openedAtMs > handshakeMs) this.#socket.destroy();
      return;
    }
    const silentMs = nowMs - this.#heardAtMs;
    if (silentMs <= idleMs) this.#isProbed = false;
    else if (this.#streams.size === 0 || (this.#isProbed && silentMs > 2 * idleMs))
      this.#fail(new ConnectionError(ErrorCode.noError, "idle"));
    else if (!this.#isProbed) {
      this.#isProbed = true;
      this.#sender.words(Frame.ping, 0, 0, IDLE_PING, IDLE_PING);
    }
  }

  /** Header fields, as one block; `isEnd` when no body and no trailers follow. */
  sendHeaders(stream: Stream, block: Uint8Array, isEnd: boolean): void {
    this.#sender.headers(stream, block, isEnd);
  }

  /** A gRPC message; it may wait for windows, and `drained` tells when it has left. */
  sendMessage(stream: Stream, message: Uint8Array): void {
    this.#sender.message(stream, message);
  }

  /** Plain bytes of a body; they may wait likewise. */
  sendData(stream: Stream, bytes: Uint8Array): void {
    this.#sender.data(stream, bytes);
  }

  /** Ends our side after what waits; an empty block stands for no trailers. */
  end(stream: Stream, block: Uint8Array): void {
    this.#sender.end(stream, block);
  }

  /** Ends a stream at once for what its client did; its handler hears nothing more. */
  reset(stream: Stream, code: number): void {
    stream.handler = undefined;
    this.#sendReset(stream.id, code, stream.receiveWindow);
    this.#remove(stream);
    if (!this.#resets.take(this.#options.now)) this.#fail(calm("too many resets"));
  }

  /** The body's bytes up to here are dealt with: the peer may send as many more. */
  credit(stream: Stream, bytes: number): void {
    stream.received -= bytes;
    this.#creditConnection(bytes);
    stream.uncredited += bytes;
    if (stream.uncredited < STREAM_WINDOW / 2 || stream.remoteEnded || !this.#streams.has(stream)) return;
    this.#sender.words(Frame.windowUpdate, 0, stream.id, stream.uncredited);
    stream.receiveWindow += stream.uncredited;
    stream.uncredited = 0;
  }

  /**
   * Says that no new streams are taken, then takes none, and closes when the last has finished. Two steps, so that a stream that
   * was on its way when the peer heard of it is not lost. RFC 9113 §6.8.
   */
  drain(graceMs: number): void {
    if (this.#state !== "open") return;
    if (!this.#parser.hasSettings) {
      this.#socket.destroy();
      return;
    }
    this.#state = "draining";
    this.#sender.words(Frame.goAway, 0, 0, MAX_STREAM_ID, ErrorCode.noError);
    this.#sender.words(Frame.ping, 0, 0, DRAIN_PING, DRAIN_PING);
    setTimeout(() => this.#refuse(), graceMs).unref(); // a peer that answers no ping
  }

  /** It is decoded whatever becomes of it, to keep the tables in step. */
  onBlock(id: number, bytes: Buffer, start: number, end: number, endsStream: boolean, dependsOnItself: boolean): void {
    const block = this.#heads.decode(bytes, start, end);
    const stream = this.#streams.get(id);
    if (stream === undefined) this.#onHead(id, block, endsStream, dependsOnItself);
    else this.#onTrailers(stream, block, endsStream);
  }

  onData(id: number, bytes: Buffer, from: number, to: number, flowBytes: number, endsStream: boolean): void {
    this.#receiveWindow -= flowBytes;
    if (this.#receiveWindow < 0) throw new ConnectionError(ErrorCode.flowControlError, "more than the connection's window");
    const stream = this.#streams.get(id);
    if (stream === undefined || stream.remoteEnded) {
      this.#creditConnection(flowBytes);
      this.#onLateData(id, flowBytes, endsStream);
      return;
    }
    stream.receiveWindow -= flowBytes;
    stream.received += flowBytes;
    if (stream.receiveWindow < 0) throw new StreamError(ErrorCode.flowControlError, "more than the stream's window");
    if (flowBytes > to - from) this.credit(stream, flowBytes - (to - from));
    if (stream.bodyLeft !== undefined) stream.bodyLeft -= to - from;
    if ((stream.bodyLeft ?? 0) < 0) throw new StreamError(ErrorCode.protocolError, "a body longer than announced");
    stream.remoteEnded = endsStream;
    if (to > from) stream.handler?.data(bytes, from, to);
    else if (!endsStream) this.#idle();
    if (endsStream && this.#streams.has(stream)) this.#endRemote(stream);
  }

  onReset(id: number): void {
    if (this.#streams.isIdle(id)) throw protocolError("RST_STREAM on an idle stream");
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      this.#idle();
      return;
    }
    this.#countReset();
    this.#close(stream);
  }

  onWindowUpdate(id: number, increment: number): void {
    if (id !== 0 && this.#streams.isIdle(id)) throw protocolError("WINDOW_UPDATE on an idle stream");
    if (increment === 0) throw id === 0 ? protocolError(NO_INCREMENT) : new StreamError(ErrorCode.protocolError, NO_INCREMENT);
    const stream = this.#streams.get(id);
    if (id === 0) this.#sender.widen(increment);
    else if (stream === undefined) this.#idle();
    else this.#sender.widenStream(stream, increment);
  }

  onSettings(bytes: Buffer, start: number, end: number, isAck: boolean): void {
    this.#idle();
    if (isAck) return;
    const peer = applySettings(this.#sender.peer, bytes, start, end);
    this.#sender.frame(Frame.settings, Flag.ack, 0); // before the DATA that new windows let go
    this.#sender.adopt(peer, this.#streams.values());
  }

  onPing(bytes: Buffer, start: number, isAck: boolean): void {
    this.#idle();
    if (!isAck) this.#sender.frame(Frame.ping, Flag.ack, 0, bytes, start, start + 8);
    else if (bytes.readUInt32BE(start) === DRAIN_PING) this.#refuse();
  }

  onPriority(_id: number, dependsOnItself: boolean): void {
    this.#idle();
    if (dependsOnItself) throw new StreamError(ErrorCode.protocolError, SELF_DEPENDENT);
  }

  /** The peer opens no more; what is under way is finished. */
  onGoAway(): void {
    this.#refuse();
  }

  onUnknown(): void {
    this.#idle();
  }

  #greet(): void {
    const { concurrentStreams, headerListBytes } = this.limits;
    this.#sender.settings({
      maxConcurrentStreams: concurrentStreams,
      initialWindowSize: STREAM_WINDOW,
      maxHeaderListSize: headerListBytes,
    });
    this.#sender.words(Frame.windowUpdate, 0, 0, CONNECTION_WINDOW - DEFAULT_WINDOW);
  }

  #receive(chunk: Buffer): void {
    if (this.#state === "closing") return;
    this.#heardAtMs = this.#options.now();
    this.#sender.beginBatch();
    try {
      this.#reader.read(chunk);
    } catch (cause) {
      if (!(cause instanceof ConnectionError)) this.#options.onBug(cause);
      this.#fail(cause instanceof ConnectionError ? cause : new ConnectionError(ErrorCode.internalError, "a bug"));
    }
    this.#sender.endBatch();
  }

  #onFrame(type: number, flags: number, id: number, bytes: Buffer, start: number, end: number): void {
    if (this.#state === "closing") return;
    try {
      this.#parser.parse(type, flags, id, bytes, start, end);
    } catch (cause) {
      if (!(cause instanceof StreamError)) throw cause;
      this.#failStream(id, cause.code);
    }
  }

  #onHead(id: number, block: DecodedBlock, endsStream: boolean, dependsOnItself: boolean): void {
    if (id % 2 === 0) throw protocolError("a client's stream has an even number");
    if (id <= this.#streams.lastId) {
      if (!this.#streams.isRemembered(id)) throw new ConnectionError(ErrorCode.streamClosed, "HEADERS on a closed stream");
      this.#idle();
      return;
    }
    this.#streams.begin(id);
    if (dependsOnItself) throw new StreamError(ErrorCode.protocolError, SELF_DEPENDENT);
    if (this.#isRefusing || this.#streams.size >= this.limits.concurrentStreams) {
      throw new StreamError(ErrorCode.refusedStream, "no new streams");
    }
    if (block.isTooLarge) throw new StreamError(ErrorCode.enhanceYourCalm, "a header list too large");
    const { prepared, contentLength } = this.#heads.read(block);
    if (prepared === undefined) throw new StreamError(ErrorCode.protocolError, "a malformed request");
    if (endsStream && (contentLength ?? 0) > 0) throw new StreamError(ErrorCode.protocolError, "a body announced, and none sent");
    const stream = new Stream(id, this.#sender.initialWindow, STREAM_WINDOW);
    stream.bodyLeft = contentLength;
    this.#open(stream, prepared, endsStream);
  }

  #open(stream: Stream, open: Opening, endsStream: boolean): void {
    stream.remoteEnded = endsStream;
    this.#streams.add(stream);
    const handler = open(this, stream);
    if (!this.#streams.has(stream)) return; // answered already
    stream.handler = handler;
    if (endsStream) handler?.remoteEnd();
  }

  #onTrailers(stream: Stream, block: DecodedBlock, endsStream: boolean): void {
    if (stream.remoteEnded) throw new StreamError(ErrorCode.streamClosed, "HEADERS after the end");
    if (block.isTooLarge) throw new StreamError(ErrorCode.enhanceYourCalm, "trailers too large");
    if (!endsStream || !isTrailers(block.fields)) throw new StreamError(ErrorCode.protocolError, "malformed trailers");
    this.#endRemote(stream);
  }

  /**
   * DATA for a stream that is not open. On its way when we ended the stream it is no mistake: no more than the window let go, and
   * nothing after the peer's own end.
   */
  #onLateData(id: number, flowBytes: number, endsStream: boolean): void {
    if (this.#streams.isIdle(id)) throw protocolError("DATA on an idle stream");
    if (!this.#streams.takeLate(id, flowBytes)) throw new StreamError(ErrorCode.streamClosed, "DATA on a closed stream");
    if (endsStream) this.#streams.forget(id);
    else if (flowBytes === 0) this.#idle();
  }

  #endRemote(stream: Stream): void {
    if ((stream.bodyLeft ?? 0) > 0) throw new StreamError(ErrorCode.protocolError, "a body shorter than announced");
    stream.remoteEnded = true;
    stream.handler?.remoteEnd();
  }

  /** One more frame that brings nothing. */
  #idle(): void {
    if (!this.#idleFrames.take(this.#options.now)) throw calm("too many frames that bring nothing");
  }

  #countReset(): void {
    if (!this.#resets.take(this.#options.now)) throw calm("too many resets");
  }

  #failStream(id: number, code: number): void {
    // A client that makes us reset is no better than one that resets (CVE-2025-8671).
    this.#idle();
    this.#countReset();
    const stream = this.#streams.get(id);
    // Of a stream that the peer itself has closed nothing can be on its way.
    if (stream === undefined && code === ErrorCode.streamClosed) this.#sender.words(Frame.rstStream, 0, id, code);
    else this.#sendReset(id, code, stream?.receiveWindow ?? STREAM_WINDOW);
    if (stream !== undefined) this.#close(stream);
  }

  /** Ends a stream that the peer may have sent so many more bytes of. */
  #sendReset(id: number, code: number, window: number): void {
    this.#sender.words(Frame.rstStream, 0, id, code);
    this.#streams.remember(id, window);
  }

  /** Our side has ended: a peer that has more to say is told not to. RFC 9113 §8.1. */
  #finishLocal(stream: Stream): void {
    if (!this.#streams.has(stream)) return;
    if (!stream.remoteEnded) this.#sendReset(stream.id, ErrorCode.noError, stream.receiveWindow);
    this.#remove(stream);
  }

  #close(stream: Stream): void {
    this.#remove(stream);
    stream.handler?.closed();
  }

  #remove(stream: Stream): void {
    this.#streams.delete(stream);
    this.#sender.forget(stream);
    if (stream.received > 0) this.#creditConnection(stream.received);
    stream.received = 0;
    if (this.#isRefusing) this.#closeWhenDone();
  }

  #creditConnection(bytes: number): void {
    this.#uncredited += bytes;
    if (this.#uncredited < CONNECTION_WINDOW / 2) return;
    this.#sender.words(Frame.windowUpdate, 0, 0, this.#uncredited);
    this.#receiveWindow += this.#uncredited;
    this.#uncredited = 0;
  }

  #refuse(): void {
    if (this.#state === "closing" || this.#isRefusing) return;
    this.#isRefusing = true;
    this.#state = "draining";
    this.#sender.words(Frame.goAway, 0, 0, this.#streams.lastId, ErrorCode.noError);
    this.#closeWhenDone();
  }

  #closeWhenDone(): void {
    if (this.#streams.size > 0 || this.#state === "closing") return;
    this.#state = "closing";
    this.#sender.flush();
    this.#socket.end();
    this.#lingerThenDestroy();
  }

  #fail(error: ConnectionError): void {
    if (this.#state === "closing") return;
    this.#state = "closing";
    if (error.code !== ErrorCode.noError) this.#options.onError(error);
    this.#sender.words(Frame.goAway, 0, 0, this.#streams.lastId, error.code);
    this.#sender.flush();
    this.#socket.end();
    this.#socket.resume(); // unread bytes would make the kernel reset the connection, and the peer might lose our last word
    this.#abandon();
    this.#lingerThenDestroy();
  }

  #lingerThenDestroy(): void {
    setTimeout(() => this.#socket.destroy(), CLOSE_MS).unref();
  }

  /** Nothing more can be said to anybody here. */
  #abandon(): void {
    this.#state = "closing";
    for (const stream of this.#streams.clear()) stream.handler?.closed();
    this.ledger.close();
  }
}

const NO_INCREMENT = "WINDOW_UPDATE by nothing";
const SELF_DEPENDENT = "a stream depends on itself";
const DRAIN_PING = 0x72696666; // "riff"
const IDLE_PING = 0x69646c65; // "idle"
const CLOSE_MS = 1_000; // for the peer to read our last word and close
