/** The weight of a target that names none; only the ratios of weights matter. riffle-1, 3.4. */
export const DEFAULT_WEIGHT = 100;

/** The largest weight; a target of weight 0 is not dealable. */
export const MAX_WEIGHT = 65_535;

/** Whether this is a weight that a target may have: an integer from 0 to `MAX_WEIGHT`. */
export const isWeight = (weight: number): boolean => Number.isInteger(weight) && weight >= 0 && weight <= MAX_WEIGHT;

/**
 * What a score (uint32) costs: −log2(1 − score/2³²) in units of 2⁻²⁶, an integer from 0 to 2³¹ that never decreases as the
 * score rises. Divided by the weight it is the rank value. Never throws. riffle-1, 3.4.
 */
export function cost(score: number): number {
  if (score === 0) return 0;
  const v = ALL - score;
  const zeros = Math.clz32(v);
  const mantissa = (v << zeros) >>> 0; // its top bit is set
  const i = (mantissa >>> 21) & 1023;
  const from = TABLE[i] ?? 0;
  const step = (TABLE[i + 1] ?? 0) - from;
  // The product reaches 2³⁸: a double holds it, a 32-bit multiplication would not.
  return (zeros + 1) * ONE - (from + Math.floor((step * (mantissa & (2 ** 21 - 1))) / 2 ** 21));
}

/** What targets are ranked by, lowest first: one IEEE-754 division. `weight` is at least 1. riffle-1, 3.4. */
export const rankValue = (score: number, weight: number): number => cost(score) / weight;

/**
 * Negative when a target of the first score and weight ranks before one of the second, 0 when their ids decide. Equal
 * weights need no costs: these never decrease, and where two scores share one the scores decide.
 */
export function compareRanks(score: number, weight: number, otherScore: number, otherWeight: number): number {
  if (weight === otherWeight) return score - otherScore;
  return rankValue(score, weight) - rankValue(otherScore, otherWeight) || score - otherScore;
}

/** The greatest score whose rank value is at most `value` (not negative); all lower scores have such values too. */
export function greatestScore(value: number, weight: number): number {
  let below = 0; // cost 0
  let above = ALL;
  while (above - below > 1) {
    const middle = Math.floor((below + above) / 2);
    if (rankValue(middle, weight) <= value) below = middle;
    else above = middle;
  }
  return below;
}

const ALL = 2 ** 32;
const ONE = 2 ** 26; // cost is in Q26

/** floor(2²⁶ · log2(1 + i/1024)) for i = 0…1024. */
export const costTable = (): readonly number[] => Array.from({ length: 1025 }, (_, i) => Math.floor(ONE * log2(i)));

const TABLE = Uint32Array.from(costTable());

/**
 * log2(1 + i/1024) by ln y = 2·artanh((y − 1)/(y + 1)), to about 10⁻¹⁵. No entry of the table lies within 0.0008 of an integer,
 * so 10⁻¹¹ would do. It takes the four operations alone, which IEEE-754 rounds the same everywhere; ECMAScript leaves
 * the result of Math.log2 to the engine.
 */
function log2(i: number): number {
  if (i === 1024) return 1;
  const x = i / (2048 + i); // at most 1/3: each term is a ninth of the one before
  let sum = 0;
  for (let power = 41; power >= 1; power -= 2) sum = sum * x * x + 1 / power;
  return (2 * x * sum) / Math.LN2;
}
