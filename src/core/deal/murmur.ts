/** MurmurHash3_x86_32 of the first `length` bytes, a uint32; `seed` is one too. riffle-1, 3.2. */
export function murmur3(bytes: Uint8Array, length: number, seed: number): number {
  const blocks = length & ~3;
  let h = seed;
  for (let at = 0; at < blocks; at += 4) {
    h = mix(h, byte(bytes, at) | (byte(bytes, at + 1) << 8) | (byte(bytes, at + 2) << 16) | (byte(bytes, at + 3) << 24));
  }
  let tail = 0;
  for (let at = length - 1; at >= blocks; at--) tail = (tail << 8) | byte(bytes, at);
  return finish(h ^ scramble(tail) ^ length); // a tail of no bytes is 0 and scrambles to 0
}

/** The same of these bytes in reverse order, without copying them. */
export function murmur3Reversed(bytes: Uint8Array, length: number, seed: number): number {
  const rest = length & 3;
  let h = seed;
  for (let at = length - 4; at >= rest; at -= 4) {
    h = mix(h, byte(bytes, at + 3) | (byte(bytes, at + 2) << 8) | (byte(bytes, at + 1) << 16) | (byte(bytes, at) << 24));
  }
  let tail = 0;
  for (let at = 0; at < rest; at++) tail = (tail << 8) | byte(bytes, at);
  return finish(h ^ scramble(tail) ^ length);
}

const byte = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0;

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

const scramble = (block: number): number => Math.imul(rotate(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593);

const mix = (h: number, block: number): number => (Math.imul(rotate(h ^ scramble(block), 13), 5) + 0xe6546b64) | 0;

function finish(hashed: number): number {
  let h = hashed;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0; // `^` yields signed numbers
}
