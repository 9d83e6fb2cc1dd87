import { IdMap } from "./id-map.ts";
import type { Stream } from "./stream.ts";

/** Streams that we ended before the peer did: its frames may still be on their way, and are no mistake. Bounded, oldest out. */
const MAX_REMEMBERED = 1_000;

/** The streams of a connection, by their numbers: RFC 9113 §5.1.1. */
export class StreamTable {
  readonly #open = new IdMap<Stream>();
  readonly #remembered = new Map<number, number>(); // bytes that may still come, by number
  #lastId = 0;

  get size(): number {
    return this.#open.size;
  }

  /** The highest number a peer has begun a stream with. */
  get lastId(): number {
    return this.#lastId;
  }

  get(id: number): Stream | undefined {
    return this.#open.get(id);
  }

  has(stream: Stream): boolean {
    return this.#open.get(stream.id) === stream;
  }

  values(): readonly Stream[] {
    return this.#open.values();
  }

  /** A number is used, whatever becomes of its stream. */
  begin(id: number): void {
    this.#lastId = id;
  }

  add(stream: Stream): void {
    this.#open.set(stream);
  }

  delete(stream: Stream): void {
    this.#open.delete(stream.id);
  }

  /** Empties the table, and returns what was in it. */
  clear(): readonly Stream[] {
    const streams = this.#open.values();
    this.#open.clear();
    return streams;
  }

  /** True for a number that no stream has had yet, or that no client's stream can have. */
  isIdle(id: number): boolean {
    return id > this.#lastId || id % 2 === 0;
  }

  /** Whether frames may still come for a stream that we have ended. */
  isRemembered(id: number): boolean {
    return this.#remembered.has(id);
  }

  /** Whether so many more bytes may come for such a stream: its window had room for them. */
  takeLate(id: number, bytes: number): boolean {
    const left = (this.#remembered.get(id) ?? -1) - bytes;
    if (left < 0) return false;
    this.#remembered.set(id, left);
    return true;
  }

  /** A stream that we end, and how many bytes may be on their way. */
  remember(id: number, bytes: number): void {
    this.#remembered.set(id, bytes);
    if (this.#remembered.size <= MAX_REMEMBERED) return;
    for (const oldest of this.#remembered.keys()) {
      this.#remembered.delete(oldest);
      return;
    }
  }

  forget(id: number): void {
    this.#remembered.delete(id);
  }
}
