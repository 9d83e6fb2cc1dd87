import { describe, expect, test } from "vitest";
import { check, fuzzMessages, readCorpus } from "./fuzz.ts";

describe("the corpus", () => {
  test.each(readCorpus())("$name is decoded as the generated code decodes it", ({ bytes }) => {
    check(bytes);
  });
});

test("mutated messages are decoded as the generated code decodes them, or are malformed to both", () => {
  const { cases, accepted } = fuzzMessages({ seed: 20_261_121, cases: 3_000 });
  expect(cases).toBe(3_000);
  expect(accepted).toBeGreaterThan(300); // else the mutations would prove little
});
