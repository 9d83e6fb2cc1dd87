import { toByteString } from "../bytes.ts";
import { finish, mapInSteps, type Steps, sortInSteps } from "../steps.ts";
import type { Dealable } from "./deal.ts";
import { type Contender, INDICES } from "./field.ts";
import { targetKey } from "./key.ts";
import { DEFAULT_WEIGHT, isWeight, MAX_WEIGHT } from "./weight.ts";

/** A dealable target, with what ties between its score and another's are broken by. */
export interface Entrant extends Contender {
  readonly id: string; // byte string
}

/** What there is to deal to one customer. */
export interface Census {
  readonly targets: number;
  readonly zones: number;
  readonly byZone: Uint32Array; // targets by the zone's number
}

/** The dealable targets of a pool in the order of their ids, their zones numbered in the order of the names. */
export class Roster {
  readonly contenders: readonly Entrant[]; // by id in byte order
  readonly zones: readonly string[]; // byte strings in byte order, of those alone that have a dealable target
  readonly #byPlace: readonly (Entrant | undefined)[];
  readonly #zoneOf: Int32Array; // by place; −1: not dealable
  readonly #all: Census;

  /** Throws RangeError on ids that are not distinct, weights that are none and more targets than can be ranked. */
  constructor(targets: readonly Dealable[], { contenders, zones, byPlace, zoneOf, byZone } = finish(survey(targets))) {
    this.contenders = contenders;
    this.zones = zones;
    this.#byPlace = byPlace;
    this.#zoneOf = zoneOf;
    this.#all = { targets: contenders.length, zones: zones.length, byZone };
  }

  /** The number of the zone of the target at a place; −1 for one that is not dealable, or not there. */
  zoneOf(place: number): number {
    return this.#zoneOf[place] ?? -1;
  }

  /** The dealable target at a place; undefined where there is none. */
  at(place: number): Entrant | undefined {
    return this.#byPlace[place];
  }

  /** How many dealable targets a zone has, by its number. */
  countZone(zone: number): number {
    return this.#all.byZone[zone] ?? 0;
  }

  /** What is left for a customer that avoids these places. */
  count(avoid: ReadonlySet<number>): Census {
    if (avoid.size === 0) return this.#all;
    const byZone = this.#all.byZone.slice();
    let { targets, zones } = this.#all;
    for (const place of avoid) {
      const zone = this.zoneOf(place);
      if (zone < 0) continue;
      const left = (byZone[zone] ?? 0) - 1;
      byZone[zone] = left;
      targets -= 1;
      if (left === 0) zones -= 1;
    }
    return { targets, zones, byZone };
  }
}

/** The same in steps. Throws likewise. */
export function* compileRoster(targets: readonly Dealable[]): Steps<Roster> {
  return new Roster(targets, yield* survey(targets));
}

interface Survey {
  readonly contenders: readonly Entrant[];
  readonly zones: readonly string[];
  readonly byPlace: readonly (Entrant | undefined)[];
  readonly zoneOf: Int32Array;
  readonly byZone: Uint32Array;
}

function* survey(targets: readonly Dealable[]): Steps<Survey> {
  if (targets.length > INDICES) throw new RangeError(`a pool of more than ${INDICES} targets`);
  const ranked = yield* sortInSteps(yield* mapInSteps(targets, readTarget), (a, b) => (a.id < b.id ? -1 : 1));
  const names = new Set<string>();
  const contenders: Ranked[] = [];
  const byPlace = new Array<Entrant | undefined>(targets.length).fill(undefined);
  yield* mapInSteps(ranked, (target, rank) => {
    if (target.id === ranked[rank + 1]?.id) throw new RangeError(`two targets have the id ${JSON.stringify(target.id)}`);
    if (target.weight === 0) return;
    contenders.push(target);
    byPlace[target.place] = target;
    names.add(target.zone);
  });
  const zones = [...names].sort(); // of byte strings, UTF-16 order is byte order
  const numbers = new Map(zones.map((zone, number) => [zone, number]));
  const zoneOf = new Int32Array(targets.length).fill(-1);
  const byZone = new Uint32Array(zones.length);
  yield* mapInSteps(contenders, ({ zone, place }) => {
    const number = numbers.get(zone) ?? 0;
    zoneOf[place] = number;
    byZone[number] = (byZone[number] ?? 0) + 1;
  });
  return { contenders, zones, byPlace, zoneOf, byZone };
}

interface Ranked extends Entrant {
  readonly zone: string; // byte string
}

function readTarget({ id, zone, weight = DEFAULT_WEIGHT }: Dealable, place: number): Ranked {
  if (!isWeight(weight))
    throw new RangeError(`target ${JSON.stringify(id)} has the weight ${weight}, not an integer from 0 to ${MAX_WEIGHT}`);
  const bytes = toByteString(id);
  return { id: bytes, key: targetKey(bytes), zone, weight, place };
}
