import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createCase, type FuzzCase, parseCase, printCase } from "./http2/fuzzing/case.ts";
import { Random } from "./http2/fuzzing/random.ts";
import { runCase } from "./http2/fuzzing/run.ts";

const CORPUS = join(import.meta.dirname, "corpus");

export interface FuzzOptions {
  readonly seed: number; // the same cases, as many as there is time for
  readonly millis: number;
  readonly onCase?: (given: FuzzCase) => void;
}

/**
 * Puts sequences of frames, valid and spoilt, to connections with riffle's own methods, and resolves with how many. Rejects with
 * the first promise that is broken; what broke it is kept in corpus/, where the tests find it from then on.
 */
export async function fuzzFrames({ seed, millis, onCase }: FuzzOptions): Promise<{ readonly cases: number }> {
  const untilMs = performance.now() + millis;
  let cases = 0;
  for (; performance.now() < untilMs; cases++) {
    const given = createCase(new Random(Math.imul(seed, 0x9e3779b1) + cases));
    onCase?.(given);
    await runCase(given).catch((cause: unknown) => {
      throw new Error(`case ${cases} of seed ${seed}, kept as ${keep(given)}: ${cause instanceof Error ? cause.message : cause}`, {
        cause,
      });
    });
  }
  return { cases };
}

/** What was found before, by name. */
export const readCorpus = (): readonly { readonly name: string; readonly given: FuzzCase }[] =>
  readdirSync(CORPUS)
    .filter((name) => name.endsWith(".txt"))
    .map((name) => ({ name, given: parseCase(readFileSync(join(CORPUS, name), "utf8")) }));

function keep(given: FuzzCase): string {
  const text = printCase(given);
  const name = `${createHash("sha256").update(text).digest("hex").slice(0, 12)}.txt`;
  writeFileSync(join(CORPUS, name), text);
  return `test/grpc/corpus/${name}`;
}
