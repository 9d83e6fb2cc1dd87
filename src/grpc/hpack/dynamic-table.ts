import { FIELD_OVERHEAD_BYTES, fieldBytes, type HeaderField } from "./field.ts";

/**
 * The fields that the peer has told to be remembered, the newest first, within a number of bytes: RFC 7541 §2.3.2 and §4. A ring
 * with a slot for every entry that could fit, so that inserting moves nothing and evicting costs what inserting once did.
 */
export class DynamicTable {
  readonly #slots: (HeaderField | undefined)[]; // the empty ones hold undefined, not a hole: that would slow down every read
  readonly #mask: number;
  #next = 0; // slot of the next entry
  #entries = 0;
  #bytes = 0;
  #maxBytes: number;
  #version = 0;

  /** Starts empty, at the largest size it will be given. */
  constructor(maxBytes: number) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(1, maxBytes / FIELD_OVERHEAD_BYTES)));
    this.#slots = new Array<HeaderField | undefined>(slots).fill(undefined);
    this.#mask = slots - 1;
    this.#maxBytes = maxBytes;
  }

  /** Another number after every change; the same one as long as every index means what it meant. */
  get version(): number {
    return this.#version;
  }

  /** The entry at a place, 0 being the newest: the very object that was inserted. Undefined where there is none. */
  get(place: number): HeaderField | undefined {
    return place < this.#entries ? this.#slots[(this.#next - 1 - place) & this.#mask] : undefined;
  }

  /** Makes room by evicting the oldest, then adds; a field larger than the whole table only empties it (RFC 7541 §4.4). */
  insert(field: HeaderField): void {
    this.#version++;
    const bytes = fieldBytes(field);
    this.#evictUntil(this.#maxBytes - bytes);
    if (bytes > this.#maxBytes) return;
    this.#slots[this.#next] = field;
    this.#next = (this.#next + 1) & this.#mask;
    this.#entries++;
    this.#bytes += bytes;
  }

  /** Sets the size to at most that of the constructor, evicting what no longer fits: RFC 7541 §4.3. */
  resize(maxBytes: number): void {
    if (maxBytes === this.#maxBytes) return;
    this.#version++;
    this.#maxBytes = maxBytes;
    this.#evictUntil(maxBytes);
  }

  #evictUntil(bytes: number): void {
    while (this.#bytes > bytes) {
      const oldest = (this.#next - this.#entries) & this.#mask;
      const field = this.#slots[oldest];
      if (field === undefined) return; // it is empty by now
      this.#bytes -= fieldBytes(field);
      this.#slots[oldest] = undefined;
      this.#entries--;
    }
  }
}
