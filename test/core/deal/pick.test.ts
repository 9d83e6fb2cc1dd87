import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toByteString } from "../../../src/core/bytes.ts";
import { Dealer } from "../../../src/core/deal/deal.ts";
import { customerKey, hashKey, requestKey, targetKey } from "../../../src/core/deal/key.ts";
import { type Member, pickAt, pickFirst, pickOrder } from "../../../src/core/deal/pick.ts";
import { score } from "../../../src/core/deal/score.ts";
import { byteStrings, plain, pool, runs } from "./dealing.ts";
import { count, maxOverAverage } from "./statistics.ts";
import { poolOf, vectors } from "./vectors.ts";

const member = (id: string, weight?: number): Member => {
  const bytes = toByteString(id);
  return { id: bytes, key: targetKey(bytes), ...(weight === undefined ? {} : { weight }) };
};
const acme = customerKey("", "acme", 0);
const isUp = (): boolean => true;
const firstOf = (request: string, members: readonly Member[]): string | undefined =>
  pickFirst(acme, requestKey(request), members, isUp)?.id;

describe("pick orders follow the golden vectors", () => {
  interface Asking {
    readonly pool: string;
    readonly customer: string;
    readonly salt: string;
    readonly reseed: number;
    readonly request: string;
  }
  const pick = ({ customer, salt, reseed, request }: Asking, members: readonly Member[]): readonly string[] =>
    pickOrder(customerKey(toByteString(salt), toByteString(customer), reseed), requestKey(toByteString(request)), members).map(
      ({ id }) => id,
    );

  test.each(vectors.picks)("'$request' of $customer", (vector) => {
    const members = vector.members.map((id) => member(id));
    expect(pick(vector, members)).toEqual(vector.pick.map(toByteString));
    expect(pick(vector, members.toReversed())).toEqual(vector.pick.map(toByteString));
  });
  test.each(vectors.deals)("'$request' of '$customer' in a shard of $pool, $mode, with and without weights", (vector) => {
    const weights = new Map(poolOf(vector.pool).map(({ id, weight = 100 }) => [id, weight]));
    const weighted = vector.deal.map((id) => member(id, weights.get(id)));
    const unweighted = vector.deal.map((id) => member(id));
    expect(pick(vector, weighted)).toEqual(vector.pickWeighted.map(toByteString));
    expect(pick(vector, unweighted)).toEqual(vector.pick.map(toByteString));
  });
});

test("the member picked first is always the first of the pick order that is up, weighted or not", () => {
  const members = fc.uniqueArray(
    fc.record({ id: byteStrings, weight: fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }), up: fc.boolean() }),
    { maxLength: 12, selector: ({ id }) => id },
  );
  fc.assert(
    fc.property(members, byteStrings, byteStrings, (shard, customer, request) => {
      const all = shard.map(({ id, weight, up }) => ({ id, key: targetKey(id), up, ...(weight === undefined ? {} : { weight }) }));
      const [c, r] = [customerKey("", customer, 0), requestKey(request)];
      const expected = pickOrder(c, r, all).find(({ up }) => up);
      expect(pickFirst(c, r, all, ({ up }) => up)).toBe(expected);
    }),
    runs(1000),
  );
});

test("a weighted pick gives members of weights 1, 2 and 4 loads in these proportions, give or take one point", () => {
  const members = [member("one", 1), member("two", 2), member("four", 4)];
  const loads = new Float64Array(3);
  for (let i = 0; i < 80_000; i++) {
    const first = pickFirst(acme, requestKey(`/orders/${i}`), members, isUp);
    count(loads, first === undefined ? -1 : members.indexOf(first));
  }
  for (const [i, weight] of [1, 2, 4].entries()) expect(Math.abs((loads[i] ?? 0) / 80_000 - weight / 7)).toBeLessThan(0.01);
});

test("members whose scores tie are picked in the UTF-8 byte order of their ids, however they are listed", () => {
  const tied = ["\u{1f600}-1091", "\uff21-649"].map((id) => member(id)); // of the golden pool `tie`; UTF-16 would order them the other way
  const none = { lo: 0, hi: 0 };
  const customer = customerKey("", "tie-2262", 0);
  expect(new Set(tied.map(({ key }) => score(customer, key))).size).toBe(1);
  for (const members of [tied, tied.toReversed()]) {
    expect(pickOrder(customer, none, members).map(({ id }) => id)).toEqual(["\uff21-649", "\u{1f600}-1091"].map(toByteString));
    expect(pickFirst(customer, none, members, isUp)?.id).toBe(toByteString("\uff21-649"));
  }
});

describe("80,000 requests of one customer with a shard of five", () => {
  const members = pool(5).map(({ id }) => member(id));
  const requests = Array.from({ length: 80_000 }, (_, i) => `/orders/${i}`);
  const before = requests.map((request) => firstOf(request, members));

  test("each member serves a fifth of them, give or take one point", () => {
    for (const { id } of members) {
      expect(Math.abs(before.filter((served) => served === id).length / requests.length - 1 / 5)).toBeLessThan(0.01);
    }
  });

  test("a sixth member takes a sixth of them, and no other request moves", () => {
    const sixth = member("sixth");
    const after = requests.map((request) => firstOf(request, [...members, sixth]));
    const moved = after.filter((served, i) => served !== before[i]);
    expect(new Set(moved)).toEqual(new Set([sixth.id]));
    expect(Math.abs(moved.length / requests.length - 1 / 6)).toBeLessThan(0.01);
  });
});

test("a lost member's requests go to the next in their order, and no other moves", () => {
  const members = pool(5).map(({ id }) => member(id));
  const [lost, ...rest] = members;
  for (let i = 0; i < 5000; i++) {
    const order = pickOrder(acme, requestKey(`/orders/${i}`), members);
    expect(pickOrder(acme, requestKey(`/orders/${i}`), rest)).toEqual(order.filter((one) => one !== lost));
  }
});

test("one hot request key loads the fullest of 40 targets at most a quarter above the average", () => {
  const targets = pool(40);
  const members = targets.map(({ id }) => member(id));
  const dealer = new Dealer(targets, plain(5));
  const hot = requestKey("/login");
  const loads = new Float64Array(40);
  for (let i = 0; i < 20_000; i++) {
    const shard = dealer.deal(`customer-${i}`).flatMap((place) => members[place] ?? []);
    const first = pickFirst(dealer.keyOf(`customer-${i}`), hot, shard, isUp);
    count(loads, first === undefined ? -1 : members.indexOf(first));
  }
  expect(maxOverAverage(loads)).toBeLessThanOrEqual(1.25);
});

describe("a pick by chance", () => {
  test.each([
    [0, 1, 0],
    [0xffffffff, 1, 0],
    [0, 3, 0],
    [0xffffffff, 3, 2],
    [0x7fffffff, 2, 0],
    [0x80000000, 2, 1],
    [0xffffffff, 2 ** 21, 2 ** 21 - 1],
  ])("%i of %i members is number %i", (chance, members, index) => expect(pickAt(chance, members)).toBe(index));

  test("takes each of five members a fifth of the time, give or take one point", () => {
    const picked = new Float64Array(5);
    for (let i = 0; i < 80_000; i++) count(picked, pickAt(hashKey([`${i}`]).lo, 5));
    for (const times of picked) expect(Math.abs(times / 80_000 - 1 / 5)).toBeLessThan(0.01);
  });
});
