import { expect, test } from "vitest";
import { fuzzFrames } from "../grpc/fuzz.ts";
import { fuzzMessages } from "../wire/fuzz.ts";
import { fuzzMillis } from "./support/scale.ts";

/** FUZZ_SEED repeats a run; without it each run tries what none has tried before. */
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 32);
const SLICE_MS = 2_000;
const SLACK_BYTES = 256 * 1024 * 1024; // far more than a fuzzer needs, far less than ten minutes of a leak

/** Slices with a seed each: between them the test's own process gets a turn. */
async function slices(fuzz: (seed: number, millis: number) => number | Promise<number>): Promise<number> {
  const until = performance.now() + fuzzMillis;
  let cases = 0;
  for (let seed = SEED; performance.now() < until; seed = (seed + 1) % 2 ** 32) {
    cases += await fuzz(seed, SLICE_MS);
    await new Promise(setImmediate);
  }
  return cases;
}

test.each<[string, (seed: number, millis: number) => number | Promise<number>]>([
  ["messages", (seed, millis) => fuzzMessages({ seed, millis }).cases],
  ["frames", async (seed, millis) => (await fuzzFrames({ seed, millis })).cases],
])(`spoilt %s do no harm, and leave nothing behind (${fuzzMillis / 1000} s, FUZZ_SEED=${SEED})`, async (what, fuzz) => {
  const before = process.memoryUsage.rss();
  const cases = await slices(fuzz);
  process.stderr.write(`${what}: ${cases.toLocaleString("en")} cases\n`);
  expect(cases).toBeGreaterThan(100);
  expect(process.memoryUsage.rss() - before).toBeLessThan(SLACK_BYTES);
});
