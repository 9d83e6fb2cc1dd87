/**
 * riffle-1: which targets a customer is dealt. Frozen: two instances, or two programs, that deal from the same targets,
 * salt and settings deal the same shards. Checked by test/vectors/sharding-vectors.json.
 *
 * Arithmetic is on 32-bit words that wrap; `*` is the low word of a product, `>>>` a logical shift, `.` joins bytes.
 *
 *   Messages    target "t" . 00 . id        customer "c" . 00 . salt . 00 . customer . 00 . reseed
 *               zone   "z" . 00 . zone      request  "r" . 00 . request
 *               Text is UTF-8; customer and request are the bytes received, as they are. The salt holds no NUL; reseed is
 *               an integer 0…4294967295 in decimal, always there ("0").
 *   Key         lo = MurmurHash3_x86_32(message, seed 0x9747b28c)
 *               hi = MurmurHash3_x86_32(message in reverse byte order, seed 0x1b873593)
 *   Score       of keys a and b:  x = (a.lo ^ b.lo) * 0x85ebca6b            x = x ^ (x >>> 15)
 *                                 x = (x + (a.hi ^ b.hi)) * 0xc2b2ae35      x = x ^ (x >>> 13)
 *                                 x = x * 0x27d4eb2f                        x = x ^ (x >>> 16), unsigned
 *   Rank order  of targets for a customer: score of their keys ascending, then id ascending in UTF-8 byte order.
 *   Size        k = min(count, n), or min(n, max(1, ceil(n * percent / 100))), of the pool's n targets.
 *   Plain       the first k in rank order.
 *   Min zones   m zones at least, of the Z there are (m = min(m, k, Z); 2 unless said otherwise). Walk in rank order and
 *               take a target whose zone has none yet; take any other only while fewer than k − m such others are taken;
 *               stop at k. The shard is in rank order.
 *   Pick        for a request of customer c: the shard's members in rank order by score(q, target), where q is the xor,
 *               lane by lane, of the keys of c and of the request. The first healthy one serves, a retry takes the next.
 *
 * So a target that comes or goes changes at most one member of any shard, and a larger k keeps all members it had.
 */
import { toByteString } from "../bytes.ts";
import type { ShardRules, TargetRules } from "../rules.ts";
import { customerKey, type Key, targetKey } from "./key.ts";
import { mixLanes } from "./score.ts";
import { shardSize } from "./size.ts";

/** Deals shards of one pool. Immutable as seen from outside: the same customer is always dealt the same shard. */
export class Dealer {
  /** How many targets each shard has. */
  readonly size: number;
  readonly #salt: string;
  readonly #spare: number; // members whose zone may have another already
  // By rank among the ids, so that the index breaks ties between scores.
  readonly #lo: Uint32Array;
  readonly #hi: Uint32Array;
  readonly #zones: Uint32Array; // number of the target's zone
  readonly #places: Uint32Array; // the target's index in the pool's list
  // Reused by every deal, and meaningless between two.
  readonly #packed: Float64Array;
  readonly #taken: Uint8Array; // by zone: 1 when a member is in it

  /** `targets` in any order, their ids distinct and at most 2²¹; ids are text, turned into bytes here. */
  constructor(targets: readonly Pick<TargetRules, "id" | "zone">[], rules: ShardRules) {
    const ranked = targets.map(({ id, zone }, place) => ({ id: toByteString(id), zone, place })).sort((a, b) => (a.id < b.id ? -1 : 1));
    const zones = [...new Set(ranked.map(({ zone }) => zone))];
    const numbers = new Map(zones.map((zone, number) => [zone, number]));
    const keys = ranked.map(({ id }) => targetKey(id));
    this.#lo = Uint32Array.from(keys, ({ lo }) => lo);
    this.#hi = Uint32Array.from(keys, ({ hi }) => hi);
    this.#zones = Uint32Array.from(ranked, ({ zone }) => numbers.get(zone) ?? 0);
    this.#places = Uint32Array.from(ranked, ({ place }) => place);
    this.#packed = new Float64Array(targets.length);
    this.#taken = new Uint8Array(zones.length);
    this.#salt = rules.salt;
    this.size = shardSize(rules.size, targets.length);
    this.#spare = rules.zones === "plain" ? this.size : this.size - Math.min(rules.minZones ?? 2, this.size, zones.length);
  }

  /** The key of a customer (byte string) in this pool; see `deal` for `reseed`. */
  keyOf(customer: string, reseed = 0): Key {
    return customerKey(this.#salt, customer, reseed);
  }

  /**
   * The shard of a customer (byte string): the places of its targets in the list that the pool was made of, in deal order.
   * `reseed`, a uint32, deals one customer another shard, to move it off a set of targets.
   */
  deal(customer: string, reseed = 0): readonly number[] {
    const key = this.keyOf(customer, reseed);
    // Sorting the whole pool is what would cost. Below this bound score k + 6√k + 6 targets on average, and fewer than k less
    // than once in 10⁵ deals; where that or the zones ask for more, it is raised, at last above every score.
    const average = this.size + 6 * Math.sqrt(this.size) + 6;
    for (let bound = (average / this.#places.length) * ALL; ; bound *= 4) {
      const shard = this.#walk(this.#rankBelow(bound, key));
      if (shard.length >= this.size || bound >= ALL) return shard;
    }
  }

  /** The targets that score below the bound, in rank order, each packed as score and index. */
  #rankBelow(bound: number, { lo, hi }: Key): Float64Array {
    const packed = this.#packed;
    let found = 0;
    for (let i = 0; i < packed.length; i++) {
      const scored = mixLanes(lo ^ (this.#lo[i] ?? 0), hi ^ (this.#hi[i] ?? 0));
      if (scored < bound) packed[found++] = scored * INDICES + i;
    }
    return packed.subarray(0, found).sort();
  }

  /** The shard that these targets give, as places; too short when more of them are needed. */
  #walk(ranked: Float64Array): number[] {
    const shard: number[] = [];
    let spare = this.#spare;
    for (const packed of ranked) {
      if (shard.length === this.size) break;
      const index = packed % INDICES;
      const zone = this.#zones[index] ?? 0;
      if (this.#taken[zone] === 1 && spare-- <= 0) continue;
      this.#taken[zone] = 1;
      shard.push(this.#places[index] ?? 0);
    }
    this.#taken.fill(0);
    return shard;
  }
}

/** Above every score. */
const ALL = 2 ** 32;

/** A score (2³²) and an index (2²¹) share a double's 53 bits, and sort as one number. */
const INDICES = 2 ** 21;
