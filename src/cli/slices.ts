import type { Steps } from "../core/steps.ts";

/** What slices are cut by. */
export interface Slicing {
  readonly now: () => number; // ms, monotonic
  /** Resolves once everything else that waited had its turn. */
  readonly turn: () => Promise<void>;
}

/** A slice ends with the step that goes beyond this: together they take 2 ms at the most, and requests wait no longer. */
const SLICE_MS = 1;

/** Drives steps in slices, with a turn between two. */
export async function runInSlices<T>(steps: Steps<T>, { now, turn }: Slicing): Promise<T> {
  for (;;) {
    const end = now() + SLICE_MS;
    do {
      const { done, value } = steps.next();
      if (done) return value;
    } while (now() < end);
    await turn();
  }
}

/** Of a process that answers requests: `setImmediate` comes after all sockets that are ready have been read. */
export const betweenRequests: Slicing = {
  now: () => performance.now(),
  turn: () => new Promise((resolve) => void setImmediate(resolve)),
};
