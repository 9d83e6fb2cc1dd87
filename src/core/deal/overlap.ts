/**
 * What an ideal deal comes to: how much customers share, how many shards there are, what a failure takes along. Every result is
 * a sum of positive terms, each a product of ratios: nothing cancels, and no logarithm of a factorial costs digits, so that
 * even a chance of 10⁻²⁰⁰ is good to ten digits and more.
 */
import { type DealLaw, distinctMakeups } from "./makeup.ts";

/** So many are drawn from n, of which some are marked. */
export interface Draw {
  readonly n: number;
  readonly marked: number;
  readonly drawn: number;
}

/** The chance of each number of marked ones among those drawn, 0 … drawn: C(marked, x) · C(n − marked, drawn − x) / C(n, drawn). */
export function hypergeometric({ n, marked, drawn }: Draw): Float64Array {
  const chances = new Float64Array(drawn + 1);
  const least = Math.max(0, drawn + marked - n);
  const most = Math.min(marked, drawn);
  const ratio = (x: number): number => ((marked - x) * (drawn - x)) / ((x + 1) * (n - marked - drawn + x + 1)); // of x + 1 to x
  // From the likeliest outwards: starting at an end, the first term could be too small for a double and lose all others.
  const mode = Math.min(most, Math.max(least, Math.floor(((drawn + 1) * (marked + 1)) / (n + 2))));
  chances[mode] = 1;
  for (let x = mode; x < most; x++) chances[x + 1] = (chances[x] ?? 0) * ratio(x);
  for (let x = mode; x > least; x--) chances[x - 1] = (chances[x] ?? 0) / ratio(x - 1);
  const all = sum(chances);
  return chances.map((chance) => chance / all);
}

/** The chance of 0 … k lost members when so many of n targets fail, any set of them as likely; true for every way to deal. */
export const lossChances = (n: number, size: number, failed: number): Float64Array => hypergeometric({ n, marked: failed, drawn: size });

/** The chance that two customers share 0 … k targets; undefined when it would take too long to compute. */
export function overlapChances(law: DealLaw): Float64Array | undefined {
  const own = distinctMakeups(law);
  if (own.length * law.makeups.length > MAX_PAIRS) return undefined;
  const draw = rememberDraws();
  const total = new Float64Array(sizeOf(law) + 1);
  for (const { counts, chance } of own) {
    for (const other of law.makeups) {
      let shared = Float64Array.of(1);
      for (let zone = 0; zone < law.zones.length; zone++) {
        const [n = 0, mine = 0, theirs = 0] = [law.zones[zone], counts[zone], other.counts[zone]];
        // Either may count as the marked ones; the fewer as drawn make the shorter row.
        if (mine > 0 && theirs > 0) shared = convolve(shared, draw({ n, marked: Math.max(mine, theirs), drawn: Math.min(mine, theirs) }));
      }
      for (let x = 0; x < total.length; x++) total[x] = (total[x] ?? 0) + chance * other.chance * (shared[x] ?? 0);
    }
  }
  return total;
}

const MAX_PAIRS = 3_000_000; // a few seconds

/**
 * What e heavy customers that poison all their targets do to another: the chance that it loses 0 … k of its own, for each e from 1 to
 * `heavy`; undefined when it would take too long to compute. Followed from the other's side, a heavy customer at a time: how many
 * of its members are still unharmed in each zone.
 */
export function poisonChances(law: DealLaw, heavy: number): readonly Float64Array[] | undefined {
  const own = distinctMakeups(law);
  const work = own.reduce((total, { counts }) => total + law.makeups.length * statesOf(counts) ** 2, 0);
  if (work > MAX_STEPS) return undefined;
  const size = sizeOf(law);
  const chances = Array.from({ length: heavy }, () => new Float64Array(size + 1));
  for (const { counts, chance } of own) {
    const chain = poisonChain(law, counts);
    let now = new Float64Array(chain.left.length);
    now[now.length - 1] = 1; // all members unharmed
    for (const lost of chances) {
      now = chain.step(now);
      for (const [state, left] of chain.left.entries()) lost[size - left] = (lost[size - left] ?? 0) + chance * (now[state] ?? 0);
    }
  }
  return chances;
}

const MAX_STEPS = 30_000_000;

/** States are the numbers of unharmed members by zone, counted like digits: zone 0 in ones. */
const statesOf = (counts: readonly number[]): number => counts.reduce((product, count) => product * (count + 1), 1);

interface Chain {
  readonly left: readonly number[]; // unharmed members, by state
  /** The chances of the states after one more heavy customer. */
  step(now: Float64Array): Float64Array<ArrayBuffer>;
}

function poisonChain(law: DealLaw, counts: readonly number[]): Chain {
  const states = statesOf(counts);
  const digitsOf = (state: number): readonly number[] => {
    let rest = state;
    return counts.map((count) => {
      const digit = rest % (count + 1);
      rest = (rest - digit) / (count + 1);
      return digit;
    });
  };
  const digits = Array.from({ length: states }, (_, state) => digitsOf(state));
  const units = counts.map((_, zone) => statesOf(counts.slice(0, zone)));
  const draw = rememberDraws();
  const moves = new Float64Array(states * states); // [from, to]
  for (const { counts: drawn, chance } of law.makeups) {
    for (const [from, left] of digits.entries()) {
      const hit = (zone: number, to: number, so: number): void => {
        const n = law.zones[zone];
        if (n === undefined) moves[from * states + to] = (moves[from * states + to] ?? 0) + so;
        else if (left[zone] === 0 || drawn[zone] === 0) hit(zone + 1, to, so);
        else {
          const hits = draw({ n, marked: left[zone] ?? 0, drawn: drawn[zone] ?? 0 });
          for (const [x, likely] of hits.entries()) if (likely > 0) hit(zone + 1, to - x * (units[zone] ?? 0), so * likely);
        }
      };
      hit(0, from, chance);
    }
  }
  const step = (now: Float64Array): Float64Array<ArrayBuffer> => {
    const next = new Float64Array(states);
    for (let from = 0; from < states; from++) {
      for (let to = 0; to <= from; to++) next[to] = (next[to] ?? 0) + (now[from] ?? 0) * (moves[from * states + to] ?? 0);
    }
    return next;
  };
  return { left: digits.map(sum), step };
}

/** How many shards the deal can give; Infinity when a double cannot hold it. Exact up to 2⁵³. */
export const possibleShards = (law: DealLaw): number => law.makeups.reduce((total, { counts }) => total + waysOf(law, counts), 0);

/** How many of them so many customers are expected to use. */
export function expectedUsed(law: DealLaw, customers: number): number {
  return law.makeups.reduce((total, { counts, chance }) => {
    const ways = waysOf(law, counts);
    const each = chance / ways;
    return total + (each === 0 ? customers * chance : -ways * Math.expm1(customers * Math.log1p(-each)));
  }, 0);
}

/** The chance that two customers are dealt the same shard. */
export const sameShardChance = (law: DealLaw): number =>
  law.makeups.reduce((total, { counts, chance }) => total + chance ** 2 / waysOf(law, counts), 0);

/** The share of the customers that hold one target of a zone (its index; of a plain deal, any). */
export function holderShare({ zones, makeups }: DealLaw, zone: number): number {
  const at = zones.length === 1 ? 0 : zone;
  return makeups.reduce((total, { counts, chance }) => total + (chance * (counts[at] ?? 0)) / (zones[at] ?? 1), 0);
}

const waysOf = ({ zones }: DealLaw, counts: readonly number[]): number =>
  counts.reduce((product, count, zone) => product * choose(zones[zone] ?? 0, count), 1);

/** How many sets of k there are among n; 0 when k > n, Infinity when a double cannot hold it. Exact up to 2⁵³. */
export function choose(n: number, k: number): number {
  let ways = 1;
  for (let i = 1; i <= Math.min(k, n - k); i++) ways = (ways * (n - i + 1)) / i;
  return k > n ? 0 : ways < 2 ** 53 ? Math.round(ways) : ways;
}

const sizeOf = ({ makeups }: DealLaw): number => sum(makeups[0]?.counts ?? []);

function convolve(a: Float64Array, b: Float64Array): Float64Array<ArrayBuffer> {
  const both = new Float64Array(a.length + b.length - 1);
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < b.length; j++) both[i + j] = (both[i + j] ?? 0) + (a[i] ?? 0) * (b[j] ?? 0);
  }
  return both;
}

/** The same few draws are asked for again and again. Nested maps, for a key made of text costs more than the rest. */
function rememberDraws(): (draw: Draw) => Float64Array {
  const known = new Map<number, Map<number, Float64Array>>(); // by n, then by the other two
  return (draw) => {
    const ofSize = known.get(draw.n) ?? new Map<number, Float64Array>();
    const key = draw.marked * (draw.n + 1) + draw.drawn;
    const found = ofSize.get(key) ?? hypergeometric(draw);
    known.set(draw.n, ofSize);
    ofSize.set(key, found);
    return found;
  };
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
