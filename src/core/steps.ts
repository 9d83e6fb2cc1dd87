/** Work in small steps: at each `yield` whoever drives it may do something else first. A step takes half a millisecond at the most. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** All of it at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Items a step, where each costs about a microsecond. */
const STRIDE = 256;

/** `[...items].map(make)`. */
export function* mapInSteps<A, B>(items: Iterable<A>, make: (item: A, index: number) => B): Steps<B[]> {
  const made: B[] = [];
  for (const item of items) {
    made.push(make(item, made.length));
    if (made.length % STRIDE === 0) yield;
  }
  return made;
}

/** `[...items].sort(compare)`: sorts short runs and merges them, for a sort cannot be interrupted. */
export function* sortInSteps<T>(items: readonly T[], compare: (a: T, b: T) => number): Steps<T[]> {
  let runs: T[][] = [];
  for (let from = 0; from < items.length; from += STRIDE) {
    runs.push(items.slice(from, from + STRIDE).sort(compare));
    yield;
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let i = 0; i < runs.length; i += 2) merged.push(yield* merge(runs[i] ?? [], runs[i + 1] ?? [], compare));
    runs = merged;
  }
  return runs[0] ?? [];
}

function* merge<T>(a: readonly T[], b: readonly T[], compare: (a: T, b: T) => number): Steps<T[]> {
  const merged: T[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const takesA = j === b.length || (i < a.length && compare(a[i] as T, b[j] as T) <= 0); // both are in bounds
    merged.push((takesA ? a[i++] : b[j++]) as T);
    if (merged.length % STRIDE === 0) yield;
  }
  return merged;
}
