import type { Plan } from "./plan.ts";

/** Enough for shares good to a tenth of a percent; more would cost memory and tell nothing. */
const MAX_CUSTOMERS = 200_000;
const MAX_MEMBERS = 2 ** 24; // 64 MiB

/** The shards of some customers, taken at even distances, for all that looks at several customers at once. */
export class Sample {
  /** How many customers are in it. */
  readonly count: number;
  /** Members of each shard. */
  readonly size: number;
  readonly #every: number;
  readonly #places: Uint32Array;

  constructor({ customers, size }: Plan) {
    this.count = Math.min(customers.count, MAX_CUSTOMERS, Math.max(2, Math.floor(MAX_MEMBERS / size)));
    this.#every = Math.floor(customers.count / this.count);
    this.size = size;
    this.#places = new Uint32Array(this.count * size);
  }

  /** Keeps the shard if its customer belongs to the sample. */
  offer(customer: number, shard: readonly number[]): void {
    const at = customer / this.#every;
    if (Number.isInteger(at) && at < this.count) this.#places.set(shard, at * this.size);
  }

  /** The place of a member of the `at`th customer's shard. One at a time: a view of the shard costs more than all the rest. */
  placeOf(at: number, member: number): number {
    return this.#places[at * this.size + member] ?? 0;
  }

  /** Which customer the `at`th is. */
  customerOf(at: number): number {
    return at * this.#every;
  }
}
