/** How many blocks are remembered, each of at most so many bytes: 2 KiB a connection. */
export const MAX_BLOCKS = 4;
export const MAX_BLOCK_BYTES = 512;

/**
 * What recent header blocks meant, by their bytes and by the version of the table that they were read with. Envoy sends the same
 * few blocks again and again once its table is warm; whatever is derived from their fields can then be found by identity.
 */
export class BlockMemo<T> {
  readonly #slots: Slot<T>[] = [];
  #version = 0;
  #next = 0;

  /** What was kept for the same bytes under the same version, unless it has made way for others. */
  find(block: Uint8Array, version: number): T | undefined {
    if (version !== this.#version) return undefined;
    for (const slot of this.#slots) if (slot.length === block.length && startsWith(slot.bytes, block)) return slot.meaning;
    return undefined;
  }

  /** Copies the bytes. What was kept under another version is forgotten. */
  keep(block: Uint8Array, version: number, meaning: T): void {
    if (block.length > MAX_BLOCK_BYTES) return;
    if (version !== this.#version) this.#forget(version);
    const slot = this.#slots[this.#next] ?? { bytes: new Uint8Array(MAX_BLOCK_BYTES), length: 0, meaning };
    slot.bytes.set(block); // into the same memory: a copy of its own would take 0.1 µs more
    slot.length = block.length;
    slot.meaning = meaning;
    this.#slots[this.#next] = slot;
    this.#next = (this.#next + 1) % MAX_BLOCKS;
  }

  #forget(version: number): void {
    this.#version = version;
    this.#next = 0; // so that what is kept from now on is found before the same bytes without a meaning
    for (const slot of this.#slots) slot.meaning = undefined;
  }
}

interface Slot<T> {
  readonly bytes: Uint8Array;
  length: number;
  meaning: T | undefined;
}

/** A loop: for blocks of a few dozen bytes it is faster than Buffer.compare. */
function startsWith(bytes: Uint8Array, block: Uint8Array): boolean {
  for (let i = 0; i < block.length; i++) if (bytes[i] !== block[i]) return false;
  return true;
}
