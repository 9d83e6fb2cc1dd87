import { expect, test } from "vitest";
import { fuzzFrames } from "../grpc/fuzz.ts";
import { fuzzMessages } from "../wire/fuzz.ts";
import { fuzzMillis } from "./support/scale.ts";

// Another seed each day, so that every run looks where none has looked; a failure names its seed and case.
const seed = Math.floor(Date.now() / 86_400_000);

test("frames: whatever comes, nothing throws, hangs or is left behind", async () => {
  const { cases } = await fuzzFrames({ seed, millis: fuzzMillis });
  process.stderr.write(`frames: ${cases} cases of seed ${seed}\n`);
  expect(cases).toBeGreaterThan(100);
});

test("messages: whatever comes, it is read as the reference reads it, or refused", () => {
  const { cases, accepted } = fuzzMessages({ seed, millis: fuzzMillis });
  process.stderr.write(`messages: ${cases} cases of seed ${seed}, ${accepted} of them well formed\n`);
  expect(accepted).toBeGreaterThan(0);
  expect(cases).toBeGreaterThan(1000);
});
