import { expect, test } from "vitest";
import { fuzzFrames, readCorpus } from "./fuzz.ts";
import { createCase, type FuzzCase, parseCase, printCase } from "./http2/fuzzing/case.ts";
import { Random } from "./http2/fuzzing/random.ts";
import { runCase } from "./http2/fuzzing/run.ts";

test.each(readCorpus())("what was found once is not found again: $name", async ({ given }) => {
  await runCase(given);
});

test("whatever frames come, spoilt or not, each call is answered or refused, others are served, and nothing is left behind", async () => {
  const { cases } = await fuzzFrames({ seed: 1, millis: 2_000 });
  expect(cases).toBeGreaterThan(20);
});

test("a case is the same again from its seed, and from its text", () => {
  const create = (seed: number): FuzzCase => createCase(new Random(seed));
  for (let seed = 0; seed < 50; seed++) {
    expect(create(seed)).toEqual(create(seed));
    expect(parseCase(printCase(create(seed)))).toEqual(create(seed));
  }
  expect(printCase(create(1))).not.toBe(printCase(create(2)));
});
