import { murmur3, murmur3Reversed } from "./murmur.ts";

/** What stands for a target, a zone, a customer or a request in every score: 64 bits, as two uint32 lanes. */
export interface Key {
  readonly lo: number;
  readonly hi: number;
}

// Everything hashed here is a byte string (core/bytes.ts): one char per byte. The caller turns text into one with `toByteString`.
// Each kind has a tag of its own, else a customer named like a target would score 0 against it and always be dealt it.

/** The key of a target's id. riffle-1, 3.1. */
export const targetKey = (id: string): Key => hashKey(["t", id]);

/** The key of a zone's name; a target without a zone is in the zone "". riffle-1, 3.1. */
export const zoneKey = (zone: string): Key => hashKey(["z", zone]);

/** The key of a customer; `salt` holds no NUL, `reseed` is a uint32, 0 by default. riffle-1, 3.1 and 3.8. */
export const customerKey = (salt: string, customer: string, reseed: number): Key => hashKey(["c", salt, customer, `${reseed}`]);

/** The key of what requests stick by (a path, a session); "" is a valid one. riffle-1, 3.1. */
export const requestKey = (request: string): Key => hashKey(["r", request]);

/**
 * Both lanes of the byte strings joined by NUL. `hi` reads the whole message backwards: MurmurHash3 has pairs of inputs
 * that collide under every seed and prefix, and nobody can craft one that collides in both directions. riffle-1, 3.2.
 */
export function hashKey(parts: readonly string[]): Key {
  let length = parts.length - 1; // the NULs between
  for (const part of parts) length += part.length;
  const bytes = length <= scratch.length ? scratch : new Uint8Array(length);
  write(parts, bytes);
  return { lo: murmur3(bytes, length, LO_SEED), hi: murmur3Reversed(bytes, length, HI_SEED) };
}

const LO_SEED = 0x9747b28c;
const HI_SEED = 0x1b873593;

/** Reused, for speed: a message is hashed before the next is written. Longer messages get a buffer of their own. */
const scratch = new Uint8Array(1024);

function write(parts: readonly string[], bytes: Uint8Array): void {
  let at = 0;
  for (const part of parts) {
    if (at > 0) bytes[at++] = 0;
    for (let i = 0; i < part.length; i++) bytes[at++] = part.charCodeAt(i);
  }
}
