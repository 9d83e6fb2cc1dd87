import { Field, INDICES, type Ranked } from "./field.ts";
import { type Key, zoneKey } from "./key.ts";
import type { Census, Roster } from "./roster.ts";
import { score } from "./score.ts";
import { sortNumbers } from "./sort.ts";

/** Deals in turns of the zones. riffle-1, 3.6: `spread`. */
export class Spread {
  // By the zone's number, which is its rank among the names: the index breaks ties between scores.
  readonly #keys: readonly Key[];
  readonly #fields: readonly Field[];
  // Reused by every deal, and meaningless between two.
  readonly #order: Float64Array; // score and number of each zone, packed
  readonly #turns: Uint32Array; // by zone: how many it has
  readonly #next: Uint32Array; // by zone: the next of its targets in #best
  readonly #best: Uint32Array; // the first places of each zone, as many as it has turns

  /** `ranked` has room for all targets of the roster. */
  constructor(roster: Roster, ranked: Ranked) {
    const inZone = Map.groupBy(roster.contenders, ({ place }) => roster.zoneOf(place));
    this.#keys = roster.zones.map(zoneKey);
    this.#fields = roster.zones.map((_, zone) => new Field(inZone.get(zone) ?? [], ranked));
    this.#order = new Float64Array(roster.zones.length);
    this.#turns = new Uint32Array(roster.zones.length);
    this.#next = new Uint32Array(roster.zones.length);
    this.#best = new Uint32Array(roster.contenders.length);
  }

  /** The shard, as places in the order dealt; `size` is at most the census' number of targets. */
  deal(customer: Key, size: number, census: Census, avoid: ReadonlySet<number>): number[] {
    const shard = this.#takeTurns(customer, size, census);
    this.#rankZones(customer, avoid);
    for (let turn = 0; turn < size; turn++) {
      const zone = shard[turn] ?? 0;
      const next = this.#next[zone] ?? 0;
      shard[turn] = this.#best[next] ?? 0;
      this.#next[zone] = next + 1;
    }
    return shard;
  }

  /** The numbers and scores of the zones that have targets for this customer, in the order of their turns. */
  orderZones(customer: Key, census: Census): { readonly zone: number; readonly score: number }[] {
    const zones = this.#rankOrder(customer, census);
    return Array.from(this.#order.subarray(0, zones), (packed) => ({ zone: packed % INDICES, score: Math.floor(packed / INDICES) }));
  }

  /** Puts the zones with targets into #order, in their order; returns how many there are. */
  #rankOrder(customer: Key, { byZone }: Census): number {
    let zones = 0;
    for (let zone = 0; zone < byZone.length; zone++) {
      const key = this.#keys[zone];
      if (key !== undefined && (byZone[zone] ?? 0) > 0) this.#order[zones++] = score(customer, key) * INDICES + zone;
    }
    sortNumbers(this.#order, zones);
    return zones;
  }

  /** The zone of each turn, and in #turns how many each zone has. What a turn takes depends on the zone alone, so it comes later. */
  #takeTurns(customer: Key, size: number, census: Census): number[] {
    const order = this.#order;
    let zones = this.#rankOrder(customer, census);
    const taken = this.#turns.fill(0);
    const turns: number[] = [];
    while (turns.length < size) {
      let left = 0; // zones that are in the next round, too
      for (let i = 0; i < zones && turns.length < size; i++) {
        const packed = order[i] ?? 0;
        const zone = packed % INDICES;
        const turn = (taken[zone] ?? 0) + 1;
        taken[zone] = turn;
        turns.push(zone);
        if (turn < (census.byZone[zone] ?? 0)) order[left++] = packed;
      }
      zones = left;
    }
    return turns;
  }

  /** Puts the first targets of each zone into #best, as many as it has turns, and into #next where they begin. */
  #rankZones(customer: Key, avoid: ReadonlySet<number>): void {
    let end = 0;
    for (let zone = 0; zone < this.#fields.length; zone++) {
      const field = this.#fields[zone];
      const turns = this.#turns[zone] ?? 0;
      this.#next[zone] = end;
      if (field === undefined || turns === 0) continue;
      field.rank(customer, turns, avoid);
      for (let rank = 0; rank < turns; rank++) this.#best[end++] = field.placeAt(rank);
    }
  }
}
