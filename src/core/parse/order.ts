import type { Problem } from "../rules.ts";
import { children } from "./find.ts";

/** Problems by the place where they stand; one about something missing stands at what should hold it, before what is there. */
export function inDocumentOrder(problems: readonly Problem[], document: unknown): readonly Problem[] {
  const indexes = new Map<unknown, ReadonlyMap<string | number, Entry>>(); // one per mapping or list that a problem stands in
  const ranked = problems.map((problem) => ({ problem, rank: rankOf(problem, document, indexes) }));
  return ranked.sort((a, b) => compare(a.rank, b.rank)).map(({ problem }) => problem);
}

interface Entry {
  readonly at: number; // its place among its siblings
  readonly value: unknown;
}

/** The places of the keys on the way, as far as they exist. */
function rankOf({ path }: Problem, document: unknown, indexes: Map<unknown, ReadonlyMap<string | number, Entry>>): readonly number[] {
  const rank: number[] = [];
  let value = document;
  for (const key of path) {
    const index = indexes.get(value) ?? new Map(children(value).map(([name, child], at) => [name, { at, value: child }]));
    indexes.set(value, index);
    const entry = index.get(key);
    if (entry === undefined) break;
    rank.push(entry.at);
    value = entry.value;
  }
  return rank;
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((place, i) => place !== b[i]);
  if (at < 0) return a.length - b.length;
  return (a[at] ?? 0) - (b[at] ?? -1);
}
