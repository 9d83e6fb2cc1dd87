import { type Changes, changesBetween } from "./changes.ts";
import type { Dealable, DealRules } from "./deal.ts";
import type { Key } from "./key.ts";
import type { Roster } from "./roster.ts";
import { score } from "./score.ts";
import { compareRanks } from "./weight.ts";

/** A pool as it was, as far as shards dealt from it need it. */
export interface Ancestor {
  readonly targets: readonly Dealable[];
  readonly zones: number; // with a dealable target
}

/**
 * Tells for shards dealt from an earlier list of targets whether they are dealt the same from the present one, in a time
 * that does not depend on how many targets there are. All changes between are judged at once, however many versions they
 * took: targets that left count first, then those that came.
 */
export class Replay {
  readonly #before: Ancestor;
  readonly #now: Roster;
  readonly #rules: DealRules;
  readonly #changes: Changes;
  readonly #addedByZone = new Map<number, number>(); // how many, by the zone's number

  /** `rules` hold for both lists. */
  constructor(before: Ancestor, targets: readonly Dealable[], now: Roster, rules: DealRules) {
    this.#before = before;
    this.#now = now;
    this.#rules = rules;
    this.#changes = changesBetween(before.targets, targets);
    for (const place of this.#changes.added) {
      const zone = now.zoneOf(place);
      this.#addedByZone.set(zone, (this.#addedByZone.get(zone) ?? 0) + 1);
    }
  }

  /**
   * The shard of before in the places of now, `size` of them, if it is still what the customer is dealt; undefined if
   * that is not certain. For terms that avoid nothing.
   */
  apply(shard: readonly number[], customer: Key, size: number): readonly number[] | undefined {
    if (shard.length !== size || this.#changes.added.length > MOST_ADDED || this.#needsOtherZones(size)) return undefined;
    const moved = this.#move(shard);
    const last = moved?.at(-1);
    if (moved === undefined || last === undefined) return moved;
    const isAfter = (added: number): boolean =>
      this.#rules.zones === "spread" ? this.#isAfterItsZone(customer, added, moved) : this.#ranksAfter(customer, added, last);
    return this.#changes.added.every(isAfter) ? moved : undefined;
  }

  /** Where fewer or more zones must be in a shard than before, the walk takes others. */
  #needsOtherZones(size: number): boolean {
    const { zones, minZones = 2 } = this.#rules;
    return zones === "min" && Math.min(minZones, size, this.#before.zones) !== Math.min(minZones, size, this.#now.zones.length);
  }

  /** A target that left unheld was passed over or never reached: either changes nothing for the others. */
  #move(shard: readonly number[]): readonly number[] | undefined {
    const { placeNow, isShifted } = this.#changes;
    const moved = isShifted ? shard.map((place) => placeNow[place] ?? -1) : shard;
    return shard.some((place) => (placeNow[place] ?? -1) === -1) ? undefined : moved;
  }

  /**
   * In spread mode, turns stay as they are if the zone had targets left when all were dealt, and what its turns take stays
   * if the new target ranks after that.
   */
  #isAfterItsZone(customer: Key, added: number, shard: readonly number[]): boolean {
    const zone = this.#now.zoneOf(added);
    const members = shard.filter((place) => this.#now.zoneOf(place) === zone);
    const had = this.#now.countZone(zone) - (this.#addedByZone.get(zone) ?? 0);
    const last = members.at(-1);
    return had > members.length && (last === undefined || this.#ranksAfter(customer, added, last));
  }

  #ranksAfter(customer: Key, place: number, last: number): boolean {
    const [a, b] = [this.#now.at(place), this.#now.at(last)];
    if (a === undefined || b === undefined) return false;
    return (compareRanks(score(customer, a.key), a.weight, score(customer, b.key), b.weight) || (a.id < b.id ? -1 : 1)) > 0;
  }
}

/** To look at more new targets than this would cost about as much as to deal again. */
const MOST_ADDED = 16;
