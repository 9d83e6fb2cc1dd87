import { expect, test } from "vitest";
import { BlockMemo, MAX_BLOCK_BYTES, MAX_BLOCKS } from "../../../src/grpc/hpack/block-memo.ts";

const block = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

function memo(...blocks: readonly Uint8Array[]): BlockMemo<Uint8Array> {
  const kept = new BlockMemo<Uint8Array>();
  for (const one of blocks) kept.keep(one, 0, one);
  return kept;
}

test("the same bytes are found again, all others are not", () => {
  const one = block(1, 2, 3);
  const kept = memo(one, block());
  expect(kept.find(block(1, 2, 3), 0)).toBe(one);
  expect(kept.find(block(), 0)).toEqual(block());
  for (const other of [block(1, 2), block(1, 2, 3, 0), block(1, 2, 4), block(0, 2, 3)]) expect(kept.find(other, 0)).toBeUndefined();
});

test("a block is found where it lies among other bytes", () => {
  const one = block(1, 2, 3);
  const kept = memo(one);
  const read = block(9, 1, 2, 3, 9);
  expect(kept.find(read, 0, 1, 4)).toBe(one);
  expect(kept.find(read, 0, 0, 3)).toBeUndefined();
  expect(kept.find(read, 0, 2, 5)).toBeUndefined();
  expect(kept.find(read, 0)).toBeUndefined();
});

test("a new memo knows nothing, not even the empty block", () => {
  expect(memo().find(block(), 0)).toBeUndefined();
});

test("nothing is found under another version, nor afterwards under the old one", () => {
  const kept = memo(block(0), block(1));
  expect(kept.find(block(1), 1)).toBeUndefined();
  kept.keep(block(2), 1, block(2));
  expect(kept.find(block(1), 1)).toBeUndefined();
  expect(kept.find(block(1), 0)).toBeUndefined();
  expect(kept.find(block(2), 1)).toEqual(block(2));
});

test("a block kept again under another version is found, whatever the others were", () => {
  const kept = memo(block(), block(1));
  kept.keep(block(2), 1, block(2));
  kept.keep(block(1), 1, block(1, 1));
  kept.keep(block(), 1, block(0));
  expect(kept.find(block(1), 1)).toEqual(block(1, 1));
  expect(kept.find(block(), 1)).toEqual(block(0));
});

test("the oldest block makes way for a fifth", () => {
  const kept = memo(...Array.from({ length: MAX_BLOCKS + 1 }, (_, i) => block(i)));
  expect(kept.find(block(0), 0)).toBeUndefined();
  for (let i = 1; i <= MAX_BLOCKS; i++) expect(kept.find(block(i), 0)).toEqual(block(i));
});

test("a block of 512 bytes is kept, a larger one is not", () => {
  const kept = memo(new Uint8Array(MAX_BLOCK_BYTES), new Uint8Array(MAX_BLOCK_BYTES + 1));
  expect(kept.find(new Uint8Array(MAX_BLOCK_BYTES), 0)).toBeDefined();
  expect(kept.find(new Uint8Array(MAX_BLOCK_BYTES + 1), 0)).toBeUndefined();
});

test("bytes that are overwritten later are remembered as they were", () => {
  const bytes = block(1, 2);
  const kept = memo(bytes);
  bytes[1] = 9;
  expect(kept.find(block(1, 2), 0)).toBeDefined();
  expect(kept.find(block(1, 9), 0)).toBeUndefined();
});
