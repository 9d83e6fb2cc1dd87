import { Duplex } from "node:stream";
import { parseFrames, type WireFrame } from "./frames.ts";

/** The server's end of a connection without a network: the test says what comes, and what was written collects. */
export class TestSocket extends Duplex {
  readonly #sent: Buffer[] = [];
  #held: (() => void) | undefined;
  #isFull = false;

  constructor() {
    super({ allowHalfOpen: false }); // as net's are
  }

  /** The bytes written so far. */
  get sent(): Buffer {
    return Buffer.concat(this.#sent);
  }

  /** How many writes it took. */
  get writes(): number {
    return this.#sent.length;
  }

  /** The frames written since the last call. */
  takeFrames(): readonly WireFrame[] {
    return parseFrames(Buffer.concat(this.#sent.splice(0)));
  }

  /** Each of these arrives by itself, now. */
  say(...chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) this.emit("data", chunk);
  }

  /** From now on nothing is taken off; what is written waits. */
  fill(): void {
    this.#isFull = true;
  }

  /** What waits is taken off. */
  drain(): void {
    this.#isFull = false;
    const held = this.#held;
    this.#held = undefined;
    held?.();
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (this.#isFull) {
      this.#held = () => this.#take(chunk, done);
    } else {
      this.#take(chunk, done);
    }
  }

  /** Copied only now: a sender that writes to its buffer too early is found out. */
  #take(chunk: Buffer, done: () => void): void {
    this.#sent.push(Buffer.from(chunk));
    done();
  }
}
