import { HpackDecoder } from "../../src/grpc/hpack/decoder.ts";
import { type Case, caseOver } from "./case.ts";

const LIMITS = { maxTableBytes: 4096, maxListBytes: 65536 };

// Recorded from Envoy 1.40.0 as it calls Process: the first block of a connection, and every later one.
const FIRST = Buffer.from(
  "8304a560b5773fa5d05b3b98855cbe5315761c8bf7657c1e525b2a1d1aec390a841ec635d87215084185b0d2cb417f8640027465864d833505b11f5f8b1d75d062" +
    "0d263d4c4d6564408cf2b16aee7f4b1aa496ca8747834d9697408bf2b4a7b3c0ec90b22d29ec870be25c0b89717f",
  "hex",
);
const LATER = Buffer.from("8304a560b5773fa5d05b3b98855cbe5315761c8bf7657c1e525b2a1d1aec390a841ec635d8721508c286c1c0bfbe", "hex");

const VARIANTS = 16; // more than a decoder remembers

/** Reading the headers of gRPC calls. */
export const hpackCases = (): readonly Case[] => [
  caseOver("HPACK, first block of a connection", [FIRST], (block) => new HpackDecoder(LIMITS).decode(block).fields.length),
  caseOver("HPACK, the block that Envoy repeats", [LATER], decodeLater()),
  caseOver("HPACK, blocks that differ", variants(), decodeLater()),
];

function decodeLater(): (block: Uint8Array) => number {
  const decoder = new HpackDecoder(LIMITS);
  decoder.decode(FIRST);
  return (block) => decoder.decode(block).fields.length;
}

/** The later block with one field more, never indexed, its value another each time: RFC 7541 §6.2.3. */
const variants = (): readonly Uint8Array[] =>
  Array.from({ length: VARIANTS }, (_, index) =>
    Buffer.concat([LATER, Buffer.from("\x10\x01x\x02", "latin1"), Buffer.from(`${10 + index}`)]),
  );
