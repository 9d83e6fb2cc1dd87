// Sizes inside packed entries: seven bits a byte, the lowest first, as protobuf writes them. Below 2³¹.

/** Returns where the next one goes. */
export function writeVarint(value: number, bytes: Uint8Array, at: number): number {
  let next = at;
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes[next++] = (rest & 0x7f) | 0x80;
  bytes[next++] = rest;
  return next;
}

/** Read it by itself: where it ends is `at + varintSize(value)`. */
export function readVarint(bytes: Uint8Array, at: number): number {
  let byte = bytes[at] ?? 0;
  let value = byte & 0x7f;
  for (let next = at + 1, shift = 7; byte > 0x7f; shift += 7) {
    byte = bytes[next++] ?? 0;
    value |= (byte & 0x7f) << shift;
  }
  return value;
}

/** In bytes. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) size++;
  return size;
}
