/** Where a long run stands. */
export interface Progress {
  readonly doing: string;
  readonly share: number; // of that part, 0 … 1
}

/** A computation in small steps, so that whoever runs it can show where it stands, or stop. */
export type Steps<Result> = Generator<Progress, Result, undefined>;

/** Runs all steps at once. */
export function finish<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
