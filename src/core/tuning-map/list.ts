/** An immutable list. A changed one shares all but the chunks that were changed, and a directory of them. */
export class List<T> {
  readonly length: number;
  readonly #chunks: readonly (readonly T[])[];

  constructor(chunks: readonly (readonly T[])[], length: number) {
    this.#chunks = chunks;
    this.length = length;
  }

  at(index: number): T | undefined {
    return this.#chunks[index >>> CHUNK_BITS]?.[index & CHUNK_MASK];
  }

  edit(): ListEdit<T> {
    return new ListEdit(this.#chunks, this.length);
  }
}

/** 256 items a chunk: of 40,000 a change copies 256 and a directory of 160. */
const CHUNK_BITS = 8;
const CHUNK_MASK = 2 ** CHUNK_BITS - 1;

/** Changes to a list, until `finish` makes a new one of it; the list that it began with stays as it was. */
export class ListEdit<T> {
  readonly #chunks: (readonly T[])[];
  readonly #own = new Map<number, T[]>(); // by place in the directory: chunks that were copied already
  #length: number;

  constructor(chunks: readonly (readonly T[])[], length: number) {
    this.#chunks = [...chunks];
    this.#length = length;
  }

  get length(): number {
    return this.#length;
  }

  at(index: number): T | undefined {
    return this.#chunks[index >>> CHUNK_BITS]?.[index & CHUNK_MASK];
  }

  /** `index` ≤ `length`: at `length` it is added. */
  set(index: number, item: T): void {
    this.#owned(index >>> CHUNK_BITS)[index & CHUNK_MASK] = item;
    if (index === this.#length) this.#length++;
  }

  /** Takes the last one away. */
  pop(): T | undefined {
    if (this.#length === 0) return undefined;
    return this.#owned(--this.#length >>> CHUNK_BITS).pop(); // an empty chunk may stay: 16 bytes
  }

  /** Not to be changed after. */
  finish(): List<T> {
    return new List(this.#chunks, this.#length);
  }

  #owned(place: number): T[] {
    const own = this.#own.get(place) ?? [...(this.#chunks[place] ?? [])];
    this.#own.set(place, own);
    this.#chunks[place] = own;
    return own;
  }
}
