/**
 * riffle-1: which targets a customer is dealt. Frozen: two instances, or two programs, that deal from the same targets,
 * salt and settings deal the same shards. Checked by test/vectors/sharding-vectors.json.
 *
 * Arithmetic is on 32-bit words that wrap, but in Cost and Value; `*` is the low word of a product, `>>>` a logical shift,
 * `.` joins bytes.
 *
 *   Messages    target "t" . 00 . id        customer "c" . 00 . salt . 00 . customer . 00 . reseed
 *               zone   "z" . 00 . zone      request  "r" . 00 . request
 *               Text is UTF-8; customer and request are the bytes received, as they are. The salt holds no NUL; reseed is
 *               an integer 0…4294967295 in decimal, always there ("0"). A target without a zone is in the zone "".
 *   Key         lo = MurmurHash3_x86_32(message, seed 0x9747b28c)
 *               hi = MurmurHash3_x86_32(message in reverse byte order, seed 0x1b873593)
 *   Score       of keys a and b:  x = (a.lo ^ b.lo) * 0x85ebca6b            x = x ^ (x >>> 15)
 *                                 x = (x + (a.hi ^ b.hi)) * 0xc2b2ae35      x = x ^ (x >>> 13)
 *                                 x = x * 0x27d4eb2f                        x = x ^ (x >>> 16), unsigned
 *   Weight      an integer 0…65535, 100 unless said otherwise. A target of weight 0 is left out before anything else, as if
 *               the pool did not have it; so is one that a customer avoids, for this customer.
 *   Cost        −log2(1 − s/2³²) of a score s in units of 2⁻²⁶, by a table T[i] = floor(2²⁶ · log2(1 + i/1024)), i = 0…1024:
 *               cost(0) = 0; else v = 2³² − s, z = leading zero bits of v, m = v << z, i = (m >>> 21) & 1023,
 *               cost = (z + 1) · 2²⁶ − T[i] − floor((T[i + 1] − T[i]) · (m & (2²¹ − 1)) / 2²¹), in plain numbers.
 *   Value       cost / weight, one IEEE-754 double division.
 *   Rank order  of targets for a customer: value of the score of their keys ascending, then score ascending, then id
 *               ascending in UTF-8 byte order. Where all weights are equal, so are the orders by value and by score.
 *   Size        k = min(count, n), or min(n, max(1, ceil(n * percent / 100))), of the n targets not left out.
 *   Plain       the first k in rank order.
 *   Min zones   m zones at least, of the Z there are (m = min(m, k, Z); 2 unless said otherwise). Walk in rank order and
 *               take a target whose zone has none yet; take any other only while fewer than k − m such others are taken;
 *               stop at k. The shard is in rank order.
 *   Spread      zones by score of their keys ascending, then name ascending in UTF-8 byte order, whatever their weights.
 *               They take turns in this order, round after round, one without targets left being passed over, until k are
 *               dealt: at each turn the zone's next target in rank order. The shard is in the order of the turns.
 *   Pick        for a request of customer c: the shard's members in rank order by score(q, target), where q is the xor,
 *               lane by lane, of the keys of c and of the request; all weights are 1, or in a pool with weighted pick the
 *               targets'. The first healthy one serves, a retry takes the next.
 *
 * So a target that comes, goes or changes weight changes at most one member of any shard, and a larger k keeps all members
 * it had.
 */
import { finish, type Steps } from "../steps.ts";
import { Field, Ranked } from "./field.ts";
import { customerKey, type Key } from "./key.ts";
import { type Ancestor, Replay } from "./replay.ts";
import { type Census, compileRoster, type Roster } from "./roster.ts";
import { type Size, shardSize } from "./size.ts";
import { Spread } from "./spread.ts";
import { DEFAULT_WEIGHT, rankValue } from "./weight.ts";

/** What can be dealt. Its place is its index in the pool's list. */
export interface Dealable {
  readonly id: string; // text, distinct within a pool
  readonly zone: string; // byte string; "" when it has none
  readonly weight?: number; // an integer 0…65535; 100 when absent
}

/** What is dealt to one customer, where it differs from the pool's rules. */
export interface Terms {
  readonly size: Size;
  readonly reseed: number; // a uint32; another one deals other targets
  readonly avoid: ReadonlySet<number>; // places that weigh 0 for this customer
}

/** How a pool is dealt. */
export interface DealRules {
  readonly size: Size;
  readonly zones: "min" | "spread" | "plain";
  readonly minZones: number | undefined; // for "min"; undefined: 2
  readonly salt: string; // byte string without NUL
}

/** What a dealable target is ranked by; `value` ascending, then `score`, then id. */
export interface RankedTarget {
  readonly place: number;
  readonly score: number; // uint32
  readonly weight: number;
  readonly value: number;
}

/** Stands for one dealer without keeping it alive. */
export type Version = symbol;

/** A shard that some dealer dealt. */
export interface DealtBefore {
  readonly version: Version; // that dealer's
  readonly shard: readonly number[]; // places in its targets
}

/** Deals shards of one pool. Immutable as seen from outside: the same customer is always dealt the same shard. */
export class Dealer {
  readonly targets: readonly Dealable[];
  readonly rules: DealRules;
  /** The pool's own: its size, reseed 0, nothing avoided. */
  readonly terms: Terms;
  readonly version: Version = Symbol();
  readonly #ancestors: ReadonlyMap<Version, Ancestor>; // the latest last
  readonly #replays = new Map<Version, Replay>(); // made when first asked for
  readonly #roster: Roster;
  readonly #field: Field;
  readonly #spread: Spread | undefined;
  readonly #taken: Uint8Array; // by zone: 1 when a member is in it; reused by every deal, and meaningless between two

  /**
   * `targets` in any order. Throws RangeError on what the parser of rules refuses: ids that are not distinct, weights that
   * are none; and on more than 2²¹ targets. `previous`, the dealer of the same pool before its targets changed, lets
   * `redeal` judge shards that it and those before it dealt.
   */
  constructor(targets: readonly Dealable[], rules: DealRules, previous?: Dealer, parts = finish(compileParts(targets, rules))) {
    const { roster, field, spread } = parts;
    this.targets = targets;
    this.rules = rules;
    this.terms = { size: rules.size, reseed: 0, avoid: new Set() };
    this.#roster = roster;
    this.#field = field;
    this.#spread = spread;
    this.#taken = new Uint8Array(roster.zones.length);
    this.#ancestors = previous !== undefined && dealsAlike(previous.rules, rules) ? previous.#lineage() : new Map();
  }

  /** The key of a customer (byte string) in this pool; `reseed` as in its terms. */
  keyOf(customer: string, reseed = 0): Key {
    return customerKey(this.rules.salt, customer, reseed);
  }

  /** How many targets a shard has under these terms. */
  sizeOf(terms = this.terms): number {
    return shardSize(terms.size, this.#roster.count(terms.avoid).targets);
  }

  /**
   * The shard of a customer (byte string): the places of its targets in deal order, exactly as many as `sizeOf` says; none
   * when nothing is dealable to it.
   */
  deal(customer: string, terms = this.terms): readonly number[] {
    const census = this.#roster.count(terms.avoid);
    const size = shardSize(terms.size, census.targets);
    const key = this.keyOf(customer, terms.reseed);
    if (this.#spread !== undefined) return this.#spread.deal(key, size, census, terms.avoid);
    return this.#walkUntilFull(key, size, census, terms.avoid);
  }

  /**
   * The same without dealing, if a shard that an earlier dealer of this pool dealt the customer under such terms is certainly
   * still its shard; undefined if not, or if that dealer is more than 16 versions back.
   */
  redeal(customer: string, terms: Terms, { version, shard }: DealtBefore): readonly number[] | undefined {
    if (terms.avoid.size > 0) return undefined; // places of other targets, perhaps; too rare to be worth more
    return this.#replayFrom(version)?.apply(shard, this.keyOf(customer, terms.reseed), this.sizeOf(terms));
  }

  /** The first `most` targets dealable to a customer in rank order, as places; all of them unless told. */
  rank(customer: string, terms = this.terms, most = this.#field.count): readonly number[] {
    const found = this.#field.rank(this.keyOf(customer, terms.reseed), Math.min(most, this.#field.count), terms.avoid);
    return Array.from({ length: Math.min(found, most) }, (_, rank) => this.#field.placeAt(rank));
  }

  /** All targets dealable to a customer in rank order, with what they are ranked by. */
  rankValues(customer: string, terms = this.terms): readonly RankedTarget[] {
    const field = this.#field;
    const found = field.rank(this.keyOf(customer, terms.reseed), field.count, terms.avoid);
    return Array.from({ length: found }, (_, rank) => {
      const place = field.placeAt(rank);
      const score = field.scoreAt(rank);
      const weight = this.targets[place]?.weight ?? DEFAULT_WEIGHT;
      return { place, score, weight, value: rankValue(score, weight) };
    });
  }

  /** The zones (byte strings) in the order of their turns, with their scores; none unless the pool is dealt in spread mode. */
  rankZones(customer: string, terms = this.terms): readonly { readonly zone: string; readonly score: number }[] {
    const order = this.#spread?.orderZones(this.keyOf(customer, terms.reseed), this.#roster.count(terms.avoid)) ?? [];
    return order.map(({ zone, score }) => ({ zone: this.#roster.zones[zone] ?? "", score }));
  }

  /** Plain and min zones. Ranks more targets when the zones ask for more than come first, at last all. */
  #walkUntilFull(key: Key, size: number, census: Census, avoid: ReadonlySet<number>): readonly number[] {
    const { zones, minZones = 2 } = this.rules;
    const spare = zones === "plain" ? size : size - Math.min(minZones, size, census.zones);
    for (let wanted = size; ; wanted *= 4) {
      const found = this.#field.rank(key, wanted, avoid);
      const shard = this.#walk(found, size, spare);
      if (shard.length === size) return shard;
    }
  }

  /** The shard that the targets ranked give, as places; too short when more of them are needed. `spare`: members whose zone may have one. */
  #walk(found: number, size: number, spare: number): readonly number[] {
    const shard: number[] = [];
    let others = 0;
    for (let rank = 0; rank < found && shard.length < size; rank++) {
      const place = this.#field.placeAt(rank);
      const zone = this.#roster.zoneOf(place);
      if (this.#taken[zone] === 1 && others++ >= spare) continue;
      this.#taken[zone] = 1;
      shard.push(place);
    }
    this.#taken.fill(0);
    return shard;
  }

  #replayFrom(version: Version): Replay | undefined {
    const known = this.#replays.get(version);
    const ancestor = this.#ancestors.get(version);
    if (known !== undefined || ancestor === undefined) return known;
    const replay = new Replay(ancestor, this.targets, this.#roster, this.rules);
    this.#replays.set(version, replay);
    return replay;
  }

  /** The ancestors of the next dealer. They are lists of targets, not dealers, which would keep theirs in turn. */
  #lineage(): ReadonlyMap<Version, Ancestor> {
    const self: Ancestor = { targets: this.targets, zones: this.#roster.zones.length };
    return new Map([...this.#ancestors, [this.version, self] as const].slice(-GENERATIONS));
  }
}

/** The same in steps. Throws likewise. */
export function* compileDealer(targets: readonly Dealable[], rules: DealRules, previous: Dealer | undefined): Steps<Dealer> {
  return new Dealer(targets, rules, previous, yield* compileParts(targets, rules));
}

/** What takes long with many targets. */
interface Parts {
  readonly roster: Roster;
  readonly field: Field;
  readonly spread: Spread | undefined;
}

function* compileParts(targets: readonly Dealable[], rules: DealRules): Steps<Parts> {
  const roster = yield* compileRoster(targets);
  const ranked = new Ranked(roster.contenders.length);
  yield;
  const field = new Field(roster.contenders, ranked);
  yield;
  return { roster, field, spread: rules.zones === "spread" ? new Spread(roster, ranked) : undefined };
}

/** Whether shards dealt by one can be those dealt by the other. The size is a matter of terms. */
const dealsAlike = (a: DealRules, b: DealRules): boolean => a.zones === b.zones && a.minZones === b.minZones && a.salt === b.salt;

/** How far back shards are judged: a customer that stays away for more changes is dealt again. */
const GENERATIONS = 16;
