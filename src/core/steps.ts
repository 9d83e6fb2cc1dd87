/** Work in small steps: at each `yield` whoever drives it may do something else first. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** All of it at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
