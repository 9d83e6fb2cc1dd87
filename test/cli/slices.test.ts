import { expect, test } from "vitest";
import { betweenRequests, runInSlices, type Slicing } from "../../src/cli/slices.ts";
import type { Steps } from "../../src/core/steps.ts";

/** Steps that take so long each, by a clock that only they move; and how long each slice of them took. */
function stage(stepMs: readonly number[]) {
  let nowMs = 0;
  let begunMs = 0;
  const slices: number[] = [];
  const endSlice = (): void => {
    slices.push(nowMs - begunMs);
    begunMs = nowMs;
  };
  function* steps(): Steps<string> {
    for (const ms of stepMs) {
      nowMs += ms;
      yield;
    }
    return "done";
  }
  const slicing: Slicing = { now: () => nowMs, turn: async () => endSlice() };
  return { steps: steps(), slicing, slices };
}

test("no slice takes 2 ms, where no step takes one", async () => {
  const { steps, slicing, slices } = stage(Array.from({ length: 1_000 }, (_, index) => ((index * 37) % 100) / 100));
  expect(await runInSlices(steps, slicing)).toBe("done");
  expect(Math.max(...slices)).toBeLessThan(2);
  expect(slices.length).toBeGreaterThan(200);
  expect(slices.length).toBeLessThan(600); // and no step has a turn of its own, which would take for ever
});

test("between two slices everything that waits has its turn", async () => {
  const seen: string[] = [];
  setTimeout(() => seen.push("timer"), 0);
  function* steps(): Steps<void> {
    for (const until = performance.now() + 20; performance.now() < until; ) yield;
    seen.push("steps");
  }
  await runInSlices(steps(), betweenRequests);
  expect(seen).toEqual(["timer", "steps"]);
});
