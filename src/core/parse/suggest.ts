import { show } from "./scalar.ts";

/** The remedy for a name that is not known: the nearest one that is, else what there is to choose from. */
export function suggest(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  if (near !== undefined) return `did you mean ${show(near)}?`;
  if (known.length === 0) return "none is defined";
  return `known: ${known.slice(0, MAX_LISTED).map(show).join(", ")}${known.length > MAX_LISTED ? ", …" : ""}`;
}

const MAX_LISTED = 10;

/** The name with the fewest letters to change, if that is at most a third of them. */
function nearest(name: string, known: readonly string[]): string | undefined {
  let limit = Math.ceil(Math.min(name.length, 64) / 3);
  let best: string | undefined;
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) > limit) continue;
    const changes = distance(name, candidate);
    if (changes > limit || (changes === limit && best !== undefined)) continue;
    limit = changes;
    best = candidate;
  }
  return best;
}

/** Letters to insert, remove, replace or swap with their neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, (before[j - 2] ?? 0) + 1);
      row.push(least);
    }
    before = above;
    above = row;
  }
  return above[b.length] ?? 0;
}
