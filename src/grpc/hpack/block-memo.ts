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

  /**
   * What was kept for the same bytes under the same version, unless it has made way for others. The block is looked up where it
   * lies, in `bytes` from `start` to `end`: a view of it would take longer than the look-up.
   */
  find(bytes: Uint8Array, version: number, start = 0, end = bytes.length): T | undefined {
    if (version !== this.#version) return undefined;
    for (const slot of this.#slots) if (slot.length === end - start && isAt(slot, bytes, start)) return slot.meaning;
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
function isAt({ bytes: kept, length }: Slot<unknown>, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[start + i] !== kept[i]) return false;
  return true;
}
