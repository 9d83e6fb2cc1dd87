import { fuzzMillis, scale, scaled } from "./scale.ts";

/** Once a run: says how much it does. */
export function setup(): void {
  process.stderr.write(
    `SCALE=${scale}: ${scaled(1_000_000).toLocaleString("en")} requests for 1,000,000, fuzzers ${fuzzMillis / 1000} s\n`,
  );
}
