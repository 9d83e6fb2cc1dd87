/** The bytes to hash: the first `length` of `bytes`, so that one buffer serves many messages. */
export interface Message {
  readonly bytes: Uint8Array;
  readonly length: number;
}

/** MurmurHash3_x86_32 of a message, a uint32; `seed` is one too. riffle-1, 3.2. */
export const murmur3 = (message: Message, seed: number): number => hash(message, seed, { first: 0, step: 1 });

/** The same of the message's bytes in reverse order, without copying them. */
export const murmur3Reversed = (message: Message, seed: number): number => hash(message, seed, { first: message.length - 1, step: -1 });

function hash({ bytes, length }: Message, seed: number, { first, step }: { first: number; step: 1 | -1 }): number {
  let h = seed;
  let at = first;
  let left = length;
  for (; left >= 4; left -= 4) {
    h ^= scramble(
      byte(bytes, at) | (byte(bytes, at + step) << 8) | (byte(bytes, at + 2 * step) << 16) | (byte(bytes, at + 3 * step) << 24),
    );
    h = (Math.imul(rotate(h, 13), 5) + 0xe6546b64) | 0;
    at += 4 * step;
  }
  let tail = 0;
  for (let shift = 0; left > 0; left -= 1, shift += 8, at += step) tail |= byte(bytes, at) << shift;
  return finish(h ^ scramble(tail) ^ length); // a tail of no bytes is 0 and scrambles to 0
}

const byte = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0;

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

const scramble = (block: number): number => Math.imul(rotate(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593);

function finish(hashed: number): number {
  let h = hashed;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0; // `^` yields signed numbers
}
