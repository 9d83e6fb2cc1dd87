import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_BLOCK_BYTES } from "../../../src/grpc/hpack/block-memo.ts";
import { type DecodedBlock, HpackDecoder } from "../../../src/grpc/hpack/decoder.ts";
import { HpackError } from "../../../src/grpc/hpack/error.ts";
import { fieldBytes } from "../../../src/grpc/hpack/field.ts";
import { fields, manners } from "./arbitraries.ts";
import { bytes } from "./bytes.ts";
import { ReferenceEncoder } from "./reference-encoder.ts";

const MAX_LIST_BYTES = 1000;
const create = (): HpackDecoder => new HpackDecoder({ maxTableBytes: 600, maxListBytes: MAX_LIST_BYTES });

/** A block, or why it was refused; anything else that is thrown fails the test. */
function outcome(decoder: HpackDecoder, block: Uint8Array): DecodedBlock | string {
  try {
    return decoder.decode(block);
  } catch (cause) {
    if (cause instanceof HpackError) return cause.fault;
    throw cause;
  }
}

/** Blocks of one connection: valid ones with bytes changed, and noise. */
const mutated = fc
  .record({
    list: fc.array(fc.tuple(fields, manners), { maxLength: 8 }),
    changes: fc.array(fc.record({ at: fc.nat(400), byte: fc.nat(255) }), { maxLength: 3 }),
  })
  .map(({ list, changes }) => {
    const encoder = new ReferenceEncoder(600);
    const block = bytes(...list.map(([field, manner]) => encoder.encode(field, manner)));
    for (const { at, byte } of changes) if (block.length > 0) block[at % block.length] = byte;
    return block;
  });
const blocks = fc.oneof(mutated, fc.uint8Array({ maxLength: 100 }), fc.uint8Array({ min: 0x3e, max: 0xc2, maxLength: 40 }));

test("any bytes, also after a refusal, are decoded or refused with HpackError, within the limit of the list", () => {
  fc.assert(
    fc.property(fc.array(blocks, { maxLength: 10 }), (session) => {
      const decoder = create();
      for (const block of session) {
        const result = outcome(decoder, block);
        if (typeof result === "string") continue;
        const size = result.fields.reduce((sum, field) => sum + fieldBytes(field), 0);
        expect(size).toBeLessThanOrEqual(MAX_LIST_BYTES);
      }
    }),
    { numRuns: 3000 },
  );
});

test("what lies around a block in its buffer changes nothing", () => {
  fc.assert(
    fc.property(blocks, fc.uint8Array({ minLength: 1, maxLength: 40 }), (block, around) => {
      const view = bytes(around, block, around).subarray(around.length, around.length + block.length);
      expect(outcome(create(), view)).toEqual(outcome(create(), block));
    }),
    { numRuns: 1000 },
  );
});

test("a decoder that remembers blocks says what one that does not would say", () => {
  const tail = new Uint8Array(MAX_BLOCK_BYTES + 1).fill(0x82); // :method GET; with it a block is too long to be remembered
  const limits = { maxTableBytes: 600, maxListBytes: 2 ** 20 };
  fc.assert(
    fc.property(fc.array(blocks, { minLength: 1, maxLength: 6 }), fc.array(fc.nat(5), { maxLength: 30 }), (pool, order) => {
      const remembering = new HpackDecoder(limits);
      const forgetful = new HpackDecoder(limits);
      for (const place of order) {
        const block = pool[place % pool.length] ?? bytes();
        const result = outcome(remembering, block);
        if (result === "truncated") return; // the tail would end it
        const expected = outcome(forgetful, bytes(block, tail));
        if (typeof result === "string" || typeof expected === "string") {
          expect(result).toEqual(expected);
          return; // the connection has ended
        }
        expect(result.fields).toEqual(expected.fields.slice(0, -tail.length));
      }
    }),
    { numRuns: 1000 },
  );
});
