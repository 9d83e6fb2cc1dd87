import { FRAME_HEADER_BYTES, PREFACE } from "../../../../src/grpc/http2/protocol.ts";
import { RECORDINGS, readRecording } from "../../recordings/replay.ts";
import { frame, parseFrames } from "../frames.ts";
import { Conversation } from "./conversation.ts";
import type { Random } from "./random.ts";

/** Late replies come, the socket is full, takes again, we leave, nothing was heard for a while, the client leaves. */
const EVENTS = ["tick", "fill", "empty", "drain", "idle", "bye"] as const;

/** What happens on a connection: bytes arrive (in hex), or something else. */
export type Step = { readonly kind: "say"; readonly bytes: Buffer } | { readonly kind: (typeof EVENTS)[number] };

export interface FuzzCase {
  readonly limits: "trusted" | "small";
  readonly isValid: boolean; // the client has kept every rule
  readonly steps: readonly Step[];
}

/** A conversation, or a recorded one; most are then spoilt in a few places; cut anywhere. */
export function createCase(random: Random): FuzzCase {
  const frames = random.oneIn(3) ? recorded(random) : [...new Conversation(random).frames];
  const mutations = random.oneIn(4) ? 0 : 1 + random.below(4);
  for (let i = 0; i < mutations && frames.length > 0; i++) random.pick(MUTATIONS)(frames, random);
  const steps = cut(Buffer.concat(frames), frames, random).flatMap((bytes): readonly Step[] => {
    const say = { kind: "say", bytes } as const;
    return random.oneIn(4) ? [say, { kind: random.pick(["tick", "tick", "tick", "fill", "empty", "idle"]) }] : [say];
  });
  if (random.oneIn(20)) steps.splice(random.below(steps.length + 1), 0, { kind: random.pick(["drain", "drain", "bye"]) });
  return { limits: random.oneIn(3) ? "small" : "trusted", isValid: mutations === 0, steps };
}

/** A case as text, a step a line, so that one that failed can be kept and read. */
export const printCase = ({ limits, isValid, steps }: FuzzCase): string =>
  `${[`${limits} ${isValid ? "valid" : "spoilt"}`, ...steps.map((step) => (step.kind === "say" ? step.bytes.toString("hex") : step.kind))].join("\n")}\n`;

export function parseCase(text: string): FuzzCase {
  const [head = "", ...lines] = text.replace(/\n$/, "").split("\n"); // a step of no bytes is an empty line
  const [limits, validity] = head.split(" ");
  return { limits: limits === "small" ? "small" : "trusted", isValid: validity === "valid", steps: lines.map(parseStep) };
}

function parseStep(line: string): Step {
  const kind = EVENTS.find((event) => event === line);
  return kind === undefined ? { kind: "say", bytes: Buffer.from(line, "hex") } : { kind };
}

/** The beginning of a recorded session. */
function recorded(random: Random): Buffer[] {
  const session = readRecording(random.pick(RECORDINGS));
  const frames = parseFrames(session.subarray(PREFACE.length)).map(({ type, flags, stream, payload }) =>
    frame(type, flags, stream, payload),
  );
  return [PREFACE, ...frames.slice(0, 1 + random.below(frames.length))];
}

/** Each spoils one thing. */
const MUTATIONS: readonly ((frames: Buffer[], random: Random) => void)[] = [
  (frames, random) => edit(frames, random, (bytes) => poke(bytes, random.below(bytes.length), random.below(256))), // any byte
  (frames, random) => edit(frames, random, (bytes) => poke(bytes, random.below(bytes.length), random.below(256))),
  (frames, random) => edit(frames, random, (bytes) => poke(bytes, 2, random.below(256))), // length
  (frames, random) => edit(frames, random, (bytes) => poke(bytes, random.below(2), random.below(256))),
  (frames, random) => edit(frames, random, (bytes) => poke(bytes, 3, random.below(12))), // type
  (frames, random) => edit(frames, random, (bytes) => poke(bytes, 4, random.below(256))), // flags
  (frames, random) => edit(frames, random, (bytes) => poke(bytes, 4, (bytes[4] ?? 0) ^ random.pick([1, 4, 8, 32]))),
  (frames, random) => edit(frames, random, (bytes) => poke(bytes, 8, random.below(40))), // stream
  (frames, random) => edit(frames, random, (bytes) => resize(bytes, random)),
  (frames, random) => void frames.splice(random.below(frames.length), 1), // gone
  (frames, random) => void frames.splice(random.below(frames.length), 0, random.pick(frames)), // again
  (frames, random) => frames.push(...frames.splice(random.below(frames.length), 1 + random.below(3))), // late
  (frames, random) =>
    void frames.splice(
      random.below(frames.length),
      0,
      frame(random.below(12), random.below(64), random.below(30), random.bytes(random.below(20))),
    ),
  (frames, random) => void frames.splice(random.below(frames.length), 0, random.bytes(random.below(40))),
  (frames, random) => void frames.splice(1 + random.below(frames.length)), // no more
];

function edit(frames: Buffer[], random: Random, change: (frame: Buffer) => Buffer): void {
  const place = random.below(frames.length);
  const bytes = frames[place];
  if (bytes !== undefined && bytes.length >= FRAME_HEADER_BYTES) frames[place] = change(Buffer.from(bytes));
}

function poke(bytes: Buffer, at: number, value: number): Buffer {
  bytes[at] = value;
  return bytes;
}

/** A payload shorter or longer, and a length that says so. */
function resize(bytes: Buffer, random: Random): Buffer {
  const payload = Buffer.concat([bytes.subarray(FRAME_HEADER_BYTES), random.bytes(12)]).subarray(0, random.below(bytes.length + 12));
  return frame(bytes[3] ?? 0, bytes[4] ?? 0, bytes.readUInt32BE(5), payload);
}

function cut(whole: Buffer, frames: readonly Buffer[], random: Random): readonly Buffer[] {
  const places = random.pick([
    () => [],
    () => frames.map((_, i) => Buffer.concat(frames.slice(0, i)).length),
    () => Array.from({ length: random.below(20) }, () => random.below(whole.length + 1)),
    () => (whole.length > 2_000 ? [] : Array.from(whole, (_, i) => i)),
  ])();
  const all = [0, ...places.toSorted((a, b) => a - b), whole.length];
  return all.slice(1).map((end, i) => whole.subarray(all[i], end));
}
