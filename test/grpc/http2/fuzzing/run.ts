import { Ledger } from "../../../../src/grpc/http2/bucket.ts";
import { Connection } from "../../../../src/grpc/http2/connection.ts";
import { Flag, MAX_STREAM_ID, PREFACE } from "../../../../src/grpc/http2/protocol.ts";
import { type Limits, TRUSTED } from "../../../../src/grpc/limits.ts";
import { preparer } from "../../../../src/grpc/own.ts";
import { createPeer } from "../../methods.ts";
import { riffleMethods } from "../../recordings/replay.ts";
import { grpcHead, headers, parseFrames, ping, settings, windowUpdate } from "../frames.ts";
import { TestSocket } from "../socket.ts";
import type { FuzzCase, Step } from "./case.ts";
import { type ClientView, messagesOf, readClient } from "./client-view.ts";
import { judge, type Seen } from "./judge.ts";
import { watch } from "./watch.ts";

const SMALL: Limits = {
  ...TRUSTED,
  ...{ concurrentStreams: 8, headerListBytes: 600, headerBlockBytes: 1_000, continuations: 2, messageBytes: 4_000 },
  ...{
    streamBytes: 10_000,
    connectionBytes: 20_000,
    processBytes: 30_000,
    idleFrames: { burst: 30, perSecond: 1 },
    resets: { burst: 3, perSecond: 1 },
  },
};
const LIMITS = { trusted: TRUSTED, small: SMALL };
const IDLE_STEP_MS = 100_000;
const PATIENCE_MS = 10_000; // for one case: a bound for a hang, not a pace

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Puts one case to a riffle of its own. Rejects with the first promise that is broken. */
export async function runCase(given: FuzzCase): Promise<void> {
  const startedMs = performance.now();
  const trial = new Trial(given);
  for (const step of given.steps) await trial.take(step);
  await trial.finish();
  if (performance.now() - startedMs > PATIENCE_MS) throw new Error("it takes too long");
}

class Trial {
  readonly #given: FuzzCase;
  readonly #limits: Limits;
  readonly #socket = new TestSocket();
  readonly #process: Ledger;
  readonly #connection: Connection;
  readonly #bugs: unknown[] = [];
  readonly #watch = watch([...riffleMethods((cause) => this.#bugs.push(cause)), ...createPeer().methods]);
  #nowMs = 0;
  #hasLeft = false; // the client is gone, or was sent away for its silence

  constructor(given: FuzzCase) {
    this.#given = given;
    this.#limits = LIMITS[given.limits];
    this.#process = new Ledger(this.#limits.processBytes);
    this.#connection = new Connection({
      socket: this.#socket,
      limits: this.#limits,
      ledger: new Ledger(this.#limits.connectionBytes, this.#process),
      now: () => this.#nowMs,
      prepare: preparer(this.#watch.methods),
      onError: () => undefined,
      onBug: (cause) => this.#bugs.push(cause),
    });
  }

  async take(step: Step): Promise<void> {
    if (step.kind === "say") await this.#say(step.bytes);
    else await this.#do(step.kind);
    this.#check();
  }

  async finish(): Promise<void> {
    this.#socket.drain();
    await tick();
    const said = Buffer.concat(this.#given.steps.flatMap((step) => (step.kind === "say" ? [step.bytes] : [])));
    if (this.#given.isValid) checkWindows(readClient(said), judge(this.#socket.sent));
    if (this.#given.isValid) await this.#letGo();
    const canary = endsWithFrame(said) && (await this.#sendCanary());
    const isClosed = this.#socket.writableEnded || this.#socket.destroyed;
    const seen = judge(this.#socket.sent);
    if (seen.isRefusing && this.#connection.streams === 0 && !isClosed) throw new Error("a connection that takes nothing new stays open");
    if (seen.error !== undefined && !isClosed) throw new Error("a connection goes on after its last word");
    if (canary && !isClosed && this.#socket.readable) checkCanary(seen);
    if (this.#given.isValid && this.#given.limits === "trusted" && !isClosed && !seen.isLeaving) checkAnswered(readClient(said), seen);
    if (this.#given.isValid && this.#given.limits === "trusted" && seen.error !== undefined)
      throw new Error(`a valid client was refused: ${seen.error}`);
    this.#socket.destroy();
    await tick();
    this.#checkClosed();
  }

  async #say(bytes: Buffer): Promise<void> {
    if (this.#socket.isPaused()) {
      this.#socket.drain(); // a paused socket brings nothing
      await tick();
    }
    if (!this.#socket.destroyed && !this.#hasLeft) this.#socket.say(bytes);
  }

  async #do(kind: Exclude<Step["kind"], "say">): Promise<void> {
    switch (kind) {
      case "tick":
        return tick();
      case "fill":
        return this.#socket.fill();
      case "empty":
        this.#socket.drain();
        return tick();
      case "drain":
        return this.#connection.drain(1_000_000);
      case "idle":
        this.#nowMs += IDLE_STEP_MS;
        return this.#connection.checkIdle(this.#nowMs);
      case "bye":
        this.#hasLeft = true;
        this.#socket.push(null);
        return tick();
    }
  }

  #check(): void {
    if (this.#bugs.length > 0) throw new Error("a bug was reported", { cause: this.#bugs[0] });
    if (this.#watch.broken.length > 0) throw new Error(this.#watch.broken[0]);
    if (this.#connection.streams > this.#limits.concurrentStreams) throw new Error("more streams than allowed");
    const { held } = this.#process;
    if (held < 0 || held > this.#limits.connectionBytes) throw new Error(`${held} bytes are held`);
    if (held > 0 && this.#connection.streams === 0) throw new Error(`${held} bytes are held for no stream`);
  }

  #checkClosed(): void {
    this.#check();
    if (this.#process.held !== 0) throw new Error(`${this.#process.held} bytes are held for nobody`);
    if (this.#connection.streams !== 0) throw new Error("streams without a connection");
    if (this.#watch.open() !== 0) throw new Error(`${this.#watch.open()} streams were never told that they are over`);
  }

  /** Lets go whatever waits for a window, and what is late. */
  async #letGo(): Promise<void> {
    await this.#say(Buffer.concat([settings({ initialWindowSize: 2 ** 24 }), windowUpdate(0, 2 ** 26)]));
    for (let i = 0; i < 50; i++) await tick();
    this.#check();
  }

  /** A call that needs nobody's leave, and a ping: whatever came before, they are answered. */
  async #sendCanary(): Promise<boolean> {
    await this.#say(Buffer.concat([headers(CANARY, grpcHead("/none.S/Canary"), Flag.endStream), ping(PING)]));
    await tick();
    this.#check();
    return true;
  }
}

const CANARY = MAX_STREAM_ID;
const PING = Buffer.from("canary!!");

function checkCanary({ pongs, streams }: Seen): void {
  const { state } = streams.get(CANARY) ?? { state: "none" };
  if (pongs.at(-1) !== PING.toString("hex")) throw new Error("the last ping was not answered");
  if (state !== "ended" && state !== "reset") throw new Error("the last call was not answered");
}

/** Methods that wait for more, whatever the client has ended. */
const ENDLESS = new Set(["/grpc.health.v1.Health/Watch", "/test.S/Hold", "/test.S/Greet"]);

/** What gives back what it was sent, if it was sent this. */
const ECHOING = new Map<string, (messages: readonly string[]) => boolean>([
  ["/test.S/Echo", (messages) => messages.length === 1],
  ["/test.S/EchoLate", (messages) => messages.length === 1],
  ["/test.S/Chat", (messages) => !messages.includes("quit") && !messages.includes("break")],
  ["/test.S/ChatLate", () => true],
]);

/** Each whole request of a client that keeps the rules has been answered or reset; an echo is one. */
function checkAnswered({ requests }: ClientView, { streams }: Seen): void {
  for (const [id, { path, isPlain, body, hasEnded, wasReset }] of requests) {
    const { state, fields, body: reply } = streams.get(id) ?? { state: "none", fields: [], body: [] };
    const name = `stream ${id}, ${path},`;
    if (wasReset || path === "") continue;
    if (hasEnded && !ENDLESS.has(path) && (state === "none" || state === "open")) throw new Error(`${name} was left without an answer`);
    if (!hasEnded && state === "ended") throw new Error(`${name} has ended, and its client was not told to stop`);
    const isEcho = hasEnded && isPlain && ECHOING.get(path)?.(messagesOf(Buffer.concat(body)));
    if (!isEcho) continue;
    if (!Buffer.concat(body).equals(Buffer.concat(reply))) throw new Error(`${name} is no echo`);
    if (!fields.some(({ name, value }) => name === "grpc-status" && value === "0")) throw new Error(`${name} failed`);
  }
}

/** No more DATA than the client has ever granted. */
function checkWindows({ requests, granted, largestWindow }: ClientView, { streams }: Seen): void {
  let all = 0;
  for (const [id, { body }] of streams) {
    const bytes = body.reduce((sum, { length }) => sum + length, 0);
    all += bytes;
    if (bytes > largestWindow + (requests.get(id)?.granted ?? 0)) throw new Error(`stream ${id} got ${bytes} bytes, more than its window`);
  }
  if (all > granted) throw new Error(`${all} bytes were sent, and ${granted} granted`);
}

/** Whether what comes next is read as a frame. */
function endsWithFrame(said: Buffer): boolean {
  try {
    parseFrames(said.subarray(PREFACE.length));
    return true;
  } catch {
    return false;
  }
}
