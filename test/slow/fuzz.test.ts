import { expect, test } from "vitest";
import { fuzzFrames } from "../grpc/fuzz.ts";
import { fuzzMessages } from "../wire/fuzz.ts";
import { fuzzMillis, scale } from "./support/scale.ts";

// What a change has to pass is the same for every change; the long run looks each day where none has looked. A failure names its seed.
const seed = scale === "ci" ? 20_261_121 : Math.floor(Date.now() / 86_400_000);

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
