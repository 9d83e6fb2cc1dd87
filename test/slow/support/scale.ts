/** How much a slow run does: `ci` what a change must pass, `full` the numbers that were promised. */
export type Scale = "ci" | "full";

/** The scale of this run: SCALE=ci, which is the default, or SCALE=full. */
export const scale: Scale = parseScale(process.env.SCALE);

function parseScale(written = "ci"): Scale {
  if (written === "ci" || written === "full") return written;
  throw new Error(`SCALE=${written}: not known; write ci or full`);
}

/** A count as promised; in `ci` a tenth of what is above 20,000. */
export const scaled = (count: number): number => (scale === "full" || count <= 20_000 ? count : Math.ceil(count / 10));

/** How long a fuzzer runs. */
export const fuzzMillis = scale === "full" ? 10 * 60_000 : 20_000;
