import { readdirSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { phaseOutcome, serviceOutcome } from "./outcome.ts";
import { expectedPhase, expectedService } from "./reference.ts";

/** When to stop: after so many cases, or after so many milliseconds. */
export interface FuzzOptions {
  readonly seed: number; // a uint32; the same seed tries the same cases in the same order
  readonly cases?: number;
  readonly millis?: number;
}

export interface FuzzReport {
  readonly cases: number;
  readonly accepted: number; // those that were messages all the same
}

/**
 * Mutates messages of the corpus and decodes them. Throws at the first case in which a decoder throws anything but
 * MalformedMessage, reads what lies around the message, or disagrees with the reference; the error names seed, case and bytes.
 */
export function fuzzMessages({ seed, cases = Number.POSITIVE_INFINITY, millis = Number.POSITIVE_INFINITY }: FuzzOptions): FuzzReport {
  const corpus = readCorpus();
  const roll = dice(seed);
  const until = performance.now() + millis;
  let tried = 0;
  let accepted = 0;
  for (; tried < cases && performance.now() < until; tried++) {
    const message = mutate(corpus[roll(corpus.length)]?.bytes ?? new Uint8Array(), corpus, roll);
    try {
      if (check(message)) accepted++;
    } catch (cause) {
      throw new Error(`seed ${seed}, case ${tried}: ${Buffer.from(message).toString("hex")}`, { cause });
    }
  }
  return { cases: tried, accepted };
}

/** Messages to begin with, and those that once were decoded wrongly: hex digits, and comments from `#` to the line's end. */
export function readCorpus(): readonly { readonly name: string; readonly bytes: Uint8Array }[] {
  const folder = new URL("corpus/", import.meta.url);
  const files = readdirSync(folder).sort();
  return files.map((name) => ({ name, bytes: Buffer.from(readFileSync(new URL(name, folder), "utf8").replace(/#.*|\s/g, ""), "hex") }));
}

/** Decodes the bytes as every message there is; true when they were a ProcessingRequest. Throws for what must not happen. */
export function check(bytes: Uint8Array): boolean {
  const expected = expectedPhase(bytes);
  const service = expectedService(bytes);
  for (const poison of [0x00, 0x0a, 0xff]) {
    assertSame(phaseOutcome(amid(poison, bytes)), expected);
    assertSame(serviceOutcome(amid(poison, bytes)), service);
  }
  return expected !== "malformed";
}

/** The bytes as a part of a larger buffer, as messages come from a socket; what lies around them differs. */
function amid(poison: number, bytes: Uint8Array): Uint8Array {
  const buffer = new Uint8Array(bytes.length + 64).fill(poison);
  buffer.set(bytes, 32);
  return buffer.subarray(32, 32 + bytes.length);
}

function assertSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) throw new Error(`decoded ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`);
}

/** One to four random changes. */
function mutate(original: Uint8Array, corpus: Corpus, roll: Roll): Uint8Array {
  let bytes: readonly number[] = [...original];
  for (let changes = 1 + roll(4); changes > 0; changes--) {
    const change = CHANGES[roll(CHANGES.length)] ?? cut;
    const other = corpus[roll(corpus.length)]?.bytes ?? new Uint8Array();
    bytes = change({ bytes, at: roll(bytes.length + 1), other: [...other], roll });
  }
  return Uint8Array.from(bytes);
}

interface Material {
  readonly bytes: readonly number[];
  readonly at: number;
  readonly other: readonly number[]; // another message of the corpus
  readonly roll: Roll;
}
type Change = (material: Material) => readonly number[];

const CHARGED = [0x00, 0x01, 0x02, 0x0a, 0x0b, 0x0c, 0x12, 0x1a, 0x7f, 0x80, 0xfe, 0xff]; // bytes with a meaning, or at its edge

const cut: Change = ({ bytes, at }) => bytes.slice(0, at);
const CHANGES: readonly Change[] = [
  cut,
  ({ bytes, at, roll }) => bytes.map((byte, index) => (index === at ? byte ^ (1 << roll(8)) : byte)),
  ({ bytes, at, roll }) => bytes.map((byte, index) => (index === at ? roll(256) : byte)),
  ({ bytes, at, roll }) => bytes.map((byte, index) => (index === at ? (CHARGED[roll(CHARGED.length)] ?? 0) : byte)),
  ({ bytes, at, roll }) => bytes.map((byte, index) => (index === at ? (byte + roll(5) - 2) & 0xff : byte)),
  ({ bytes, at, roll }) => bytes.toSpliced(at, 0, CHARGED[roll(CHARGED.length)] ?? 0),
  ({ bytes, at, roll }) => bytes.toSpliced(at, 1 + roll(8)),
  ({ bytes, at, roll }) => bytes.toSpliced(at, 0, ...bytes.slice(at, at + roll(32))),
  ({ bytes, at, other }) => bytes.toSpliced(at, 0, ...other),
  ({ bytes, other }) => [...bytes, ...other], // two messages in a row are one, merged
  ({ bytes, at, roll }) => bytes.toSpliced(at, 0, ...Array.from({ length: 1 + roll(120) }, () => 0x0b)), // groups in groups
];

type Corpus = ReturnType<typeof readCorpus>;
type Roll = (sides: number) => number;

/** Numbers from 0 to `sides` - 1: splitmix32, of the seed alone. */
function dice(seed: number): Roll {
  let state = seed;
  return (sides) => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) % sides;
  };
}
