import type { Dealable } from "./deal.ts";
import { DEFAULT_WEIGHT } from "./weight.ts";

/** What became of one list of targets in another. A target whose zone or weight changed went, and came again. */
export interface Changes {
  readonly placeNow: Int32Array; // by place before; −1: gone, or not as it was
  readonly added: readonly number[]; // places now of the dealable targets that were not there, or not as they are
  readonly isShifted: boolean; // whether a target that stayed has another place
}

/** Compares targets by id. Ids are distinct within each list; takes time for each target. */
export function changesBetween(before: readonly Dealable[], now: readonly Dealable[]): Changes {
  const places = new Map(now.map(({ id }, place) => [id, place]));
  const stayed = new Set<number>();
  const placeNow = Int32Array.from(before, (target) => {
    const place = places.get(target.id) ?? -1;
    const same = now[place];
    if (same === undefined || same.zone !== target.zone || weightOf(same) !== weightOf(target)) return -1;
    stayed.add(place);
    return place;
  });
  return {
    placeNow,
    added: [...now.keys()].filter((place) => !stayed.has(place) && weightOf(now[place]) > 0),
    isShifted: placeNow.some((place, old) => place !== -1 && place !== old),
  };
}

const weightOf = (target: Dealable | undefined): number => target?.weight ?? DEFAULT_WEIGHT;
