import { Flag, Frame, PREFACE, Setting } from "../../../../src/grpc/http2/protocol.ts";
import { requestBody, requestHeaders, responseHeaders } from "../../../wire/messages.ts";
import { ReferenceEncoder } from "../../hpack/reference-encoder.ts";
import { data, frame, grpcHead, message, ping, reset, SETTINGS_ACK, settings, settingsPayload, uint32, windowUpdate } from "../frames.ts";
import type { Random } from "./random.ts";

const PROCESS = "/envoy.service.ext_proc.v3.ExternalProcessor/Process";
const CHECK = "/grpc.health.v1.Health/Check";
const WATCH = "/grpc.health.v1.Health/Watch";
const PATHS = [
  ...[PROCESS, PROCESS, PROCESS, CHECK, WATCH, "/none.S/None"],
  ...[
    "Echo",
    "EchoLate",
    "Refuse",
    "RefuseLate",
    "Break",
    "Metadata",
    "Chat",
    "ChatLate",
    "Hold",
    "Overdo",
    "Greet",
    "Chat",
    "Chat",
    "ChatLate",
  ].map((name) => `/test.S/${name}`),
];
const HEADS = [
  requestHeaders([
    [":method", "GET"],
    [":path", "/orders"],
    ["x-customer-id", "acme"],
  ]),
  requestHeaders([
    [":method", "GET"],
    [":path", "/nowhere"],
  ]),
  requestHeaders([["x", "v".repeat(500)]]),
];
const TEXTS = [
  "",
  "one",
  "two",
  "three",
  "",
  "one",
  "two",
  "three",
  "quit",
  "break",
  "x".repeat(40),
  "y".repeat(3_000),
  "z".repeat(20_000),
].map((text) => Buffer.from(text));

/** A client that keeps every rule of HTTP/2 and gRPC, and has no manners: any frame, at any time, of any size that is allowed. */
export class Conversation {
  readonly frames: Buffer[] = [PREFACE];
  readonly #random: Random;
  readonly #encoder = new ReferenceEncoder(4096);
  readonly #open: { readonly id: number; readonly path: string }[] = [];
  readonly #windows: readonly number[]; // that it gives new streams
  #lastId = -1;

  constructor(random: Random) {
    this.#random = random;
    this.#windows = random.pick([
      [0, 1, 6, 100],
      [0, 6],
      [65_535, 2 ** 20],
      [0, 1, 100, 65_535, 2 ** 20],
    ]);
    this.frames.push(settings({ initialWindowSize: random.pick(this.#windows) }));
    for (let turns = random.below(40); turns > 0; turns--) random.pick(this.#turns)();
  }

  readonly #turns: readonly (() => void)[] = [
    ...[() => this.#start(), () => this.#start(), () => this.#start()],
    ...[() => this.#message(), () => this.#message(), () => this.#message(), () => this.#message()],
    ...[() => this.#end(), () => this.#reset(), () => this.#widen(), () => this.#widen(), () => this.#settings(), () => this.#trifle()],
  ];

  #start(): void {
    const random = this.#random;
    this.#lastId += 2 * (1 + (random.oneIn(10) ? random.below(100) : 0));
    const path = random.pick(PATHS);
    const more = random.pick([
      ...[{}, {}, {}, {}, { "grpc-timeout": "1H" }, { "grpc-timeout": "1u" }, { "grpc-timeout": "x" }, { "grpc-encoding": "gzip" }],
      ...[{ "x-long": "v".repeat(random.below(600)) }, { "content-type": "text/plain" }, { ":method": "GET" }, { te: undefined }],
    ]);
    const ends = random.oneIn(10);
    this.#headers(this.#lastId, grpcHead(path, more), ends);
    if (!ends) this.#open.push({ id: this.#lastId, path });
  }

  #message(): void {
    const random = this.#random;
    if (this.#open.length === 0) return;
    const { id, path } = random.pick(this.#open);
    const text = (): Uint8Array => (path === PROCESS ? random.pick([...HEADS, requestBody, responseHeaders()]) : random.pick(TEXTS));
    const bytes = Buffer.concat(Array.from({ length: 1 + random.below(3) }, () => message(text())));
    let at = 0;
    do {
      const end = Math.min(bytes.length, at + (random.oneIn(2) || bytes.length > 1_000 ? 16_000 : 1 + random.below(random.pick([4, 30]))));
      this.#data(id, bytes.subarray(at, end));
      if (random.oneIn(50)) this.#data(id, Buffer.alloc(0));
      at = end;
    } while (at < bytes.length);
  }

  #end(): void {
    const random = this.#random;
    const [stream] = this.#open.splice(random.below(this.#open.length), 1);
    if (stream === undefined) return;
    if (random.oneIn(3)) this.#headers(stream.id, [{ name: "x-checksum", value: "0123" }], true);
    else this.frames.push(data(stream.id, random.oneIn(2) ? "" : message("last"), Flag.endStream));
  }

  #reset(): void {
    const [stream] = this.#open.splice(this.#random.below(this.#open.length), 1);
    if (stream !== undefined) this.frames.push(reset(stream.id, this.#random.below(14)));
  }

  #widen(): void {
    const id = this.#open.length === 0 || this.#random.oneIn(3) ? 0 : this.#random.pick(this.#open).id;
    this.frames.push(windowUpdate(id, 1 + this.#random.below(this.#random.pick([10, 5_000, 100_000]))));
  }

  #settings(): void {
    const random = this.#random;
    const some: readonly (readonly [number, number])[] = [
      [Setting.headerTableSize, random.pick([0, 100, 4096, 65_536])],
      [Setting.enablePush, random.below(2)],
      [Setting.maxConcurrentStreams, random.below(100)],
      [Setting.initialWindowSize, random.pick(this.#windows)],
      [Setting.maxFrameSize, random.pick([16_384, 2 ** 24 - 1])],
      [Setting.maxHeaderListSize, random.below(100_000)],
      [0xff00, random.below(100)],
    ];
    this.frames.push(frame(Frame.settings, 0, 0, settingsPayload(some.filter(() => random.oneIn(4)))));
  }

  /** What brings nothing. */
  #trifle(): void {
    const random = this.#random;
    const words = random.pick([0x72696666, 0x69646c65, 0]); // two that riffle itself sends
    this.frames.push(
      random.pick([
        ...[SETTINGS_ACK, ping(random.bytes(8)), ping(uint32(words, words), Flag.ack)],
        frame(Frame.priority, 0, this.#lastId + 2, Buffer.concat([uint32(random.below(50) * 2), random.bytes(1)])),
        ...[frame(0x20 + random.below(100), random.below(256), random.below(50), random.bytes(random.below(30)))],
        ...(random.oneIn(20) ? [frame(Frame.goAway, 0, 0, uint32(0, 0))] : []),
      ]),
    );
  }

  #headers(id: number, fields: ReturnType<typeof grpcHead>, ends: boolean): void {
    const random = this.#random;
    const block = Buffer.concat(
      fields.map((field) =>
        this.#encoder.encode(field, {
          literal: random.pick(["incremental", "plain", "never"]),
          mayIndex: !random.oneIn(5),
          mayIndexName: !random.oneIn(5),
          match: random.pick(["first", "last"]),
          huffman: random.oneIn(2),
        }),
      ),
    );
    const flags = ends ? Flag.endStream : 0;
    const parts = random.oneIn(4) ? random.below(3) : 0; // CONTINUATION frames
    const cuts = [0, ...Array.from({ length: parts }, () => random.below(block.length + 1)).toSorted((a, b) => a - b), block.length];
    for (let i = 0; i <= parts; i++) {
      const part = block.subarray(cuts[i], cuts[i + 1]);
      const isLast = i === parts ? Flag.endHeaders : 0;
      if (i > 0) this.frames.push(frame(Frame.continuation, isLast, id, part));
      else if (random.oneIn(5))
        this.frames.push(frame(Frame.headers, flags | isLast | Flag.priority, id, Buffer.concat([uint32(0), Buffer.of(7), part])));
      else this.#padded(Frame.headers, flags | isLast, id, part);
    }
  }

  #data(id: number, bytes: Buffer): void {
    this.#padded(Frame.data, 0, id, bytes);
  }

  #padded(type: number, flags: number, id: number, bytes: Buffer): void {
    const padding = this.#random.oneIn(6) ? this.#random.below(200) : undefined;
    if (padding === undefined) this.frames.push(frame(type, flags, id, bytes));
    else this.frames.push(frame(type, flags | Flag.padded, id, Buffer.concat([Buffer.of(padding), bytes, Buffer.alloc(padding)])));
  }
}
