import { possibleShards } from "../deal/overlap.ts";
import type { Plan } from "./plan.ts";
import { ShardTable } from "./shard-table.ts";

/** What every customer is counted in, however many there are: memory grows with targets and distinct shards only. */
export class Census {
  /** Distinct shards, as counted. */
  readonly shards: ShardTable;
  /** Customers by target. */
  readonly held: Float64Array;
  /** Demand by target, when it is known. */
  readonly demand: Float64Array | undefined;
  /** Customers that have a member in a zone, by zone; and those that have all of them there. */
  readonly hurt: Float64Array;
  readonly dark: Float64Array;
  /** The zones' names. */
  readonly zones: readonly string[];
  readonly #zoneOf: Uint32Array; // by target
  readonly #members: Uint32Array; // of the shard being counted, by zone
  readonly #demandOf: Float64Array | undefined; // by customer

  constructor({ targets, customers, law }: Plan) {
    const possible = law === undefined ? Number.POSITIVE_INFINITY : possibleShards(law);
    this.shards = new ShardTable(targets.length, Math.min(customers.count, possible));
    this.held = new Float64Array(targets.length);
    this.demand = customers.demand && new Float64Array(targets.length);
    this.zones = [...new Set(targets.map(({ zone }) => zone))];
    const numbers = new Map(this.zones.map((zone, number) => [zone, number]));
    this.#zoneOf = Uint32Array.from(targets, ({ zone }) => numbers.get(zone) ?? 0);
    this.hurt = new Float64Array(this.zones.length);
    this.dark = new Float64Array(this.zones.length);
    this.#members = new Uint32Array(this.zones.length);
    this.#demandOf = customers.demand;
  }

  /** Counts a customer and the places of its targets. */
  count(customer: number, shard: readonly number[]): void {
    this.shards.add(shard);
    const part = (this.#demandOf?.[customer] ?? 0) / shard.length;
    for (const place of shard) {
      increase(this.held, place, 1);
      if (this.demand) increase(this.demand, place, part);
      this.#countZone(this.#zoneOf[place] ?? 0, shard.length);
    }
    for (const place of shard) this.#members[this.#zoneOf[place] ?? 0] = 0;
  }

  #countZone(zone: number, size: number): void {
    const members = (this.#members[zone] ?? 0) + 1;
    this.#members[zone] = members;
    if (members === 1) increase(this.hurt, zone, 1);
    if (members === size) increase(this.dark, zone, 1);
  }
}

/** Adds to one entry. */
export function increase(values: Float64Array, at: number, by: number): void {
  values[at] = (values[at] ?? 0) + by;
}
