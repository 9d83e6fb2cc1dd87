import type { Steps } from "./steps.ts";
import { EMPTY, locate, ranges } from "./tuning-map/bucket.ts";
import { buildTable } from "./tuning-map/build.ts";
import { hashOf, readCustomer, readTuning } from "./tuning-map/entry.ts";
import type { RawTuning } from "./tuning-map/fields.ts";
import { EMPTY_TABLE, placeOf, type Table, TableEdit } from "./tuning-map/table.ts";

/**
 * What the store holds of every customer (a byte string). Immutable: a change makes another map that shares all the rest. Entries lie
 * packed in buckets, each an array of bytes: a million customers take some 40 MiB, and the collector sees no object for any of them.
 *
 * Iterating, one entry at a time, may take as long as one likes (`mapInSteps`). The order is by hash: the same in all maps of the
 * same content, however they came to be. Customers whose hashes were made to collide share a bucket, which gets slow: operators
 * name customers here, not clients.
 */
export class TuningMap implements Iterable<readonly [customer: string, tuning: RawTuning]> {
  static readonly empty: TuningMap = new TuningMap(EMPTY_TABLE);

  readonly #table: Table;

  private constructor(table: Table) {
    this.#table = table;
  }

  /** Of a customer named twice the last tuning counts. */
  static *build(entries: Iterable<readonly [customer: string, tuning: RawTuning]>): Steps<TuningMap> {
    return new TuningMap(yield* buildTable(entries));
  }

  get size(): number {
    return this.#table.size;
  }

  /** The sum of one hash per entry, each lane by itself modulo 2³²: of the content alone, whatever the order of the changes was. */
  get sum(): { readonly lo: number; readonly hi: number } {
    return { lo: this.#table.lo, hi: this.#table.hi };
  }

  get(customer: string): RawTuning | undefined {
    const { buckets } = this.#table;
    const hash = hashOf(customer);
    const bucket = buckets.at(placeOf(hash, buckets.length)) ?? EMPTY;
    const at = locate(bucket, customer, hash);
    return at < 0 ? undefined : readTuning(bucket, at);
  }

  /** With these changes, in order; undefined removes. All in one step: the caller cuts many into some. This map when nothing changes. */
  with(changes: Iterable<readonly [customer: string, tuning: RawTuning | undefined]>): TuningMap {
    const edit = new TableEdit(this.#table);
    for (const [customer, tuning] of changes) edit.set(customer, tuning);
    return edit.hasChanged ? new TuningMap(edit.finish()) : this;
  }

  *[Symbol.iterator](): Generator<readonly [customer: string, tuning: RawTuning], void, undefined> {
    const { buckets } = this.#table;
    for (let place = 0; place < buckets.length; place++) {
      const bucket = buckets.at(place) ?? EMPTY;
      for (const [at] of ranges(bucket)) yield [readCustomer(bucket, at), readTuning(bucket, at)];
    }
  }
}
