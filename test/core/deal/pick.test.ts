import { describe, expect, test } from "vitest";
import { toByteString } from "../../../src/core/bytes.ts";
import { Dealer } from "../../../src/core/deal/deal.ts";
import { customerKey, hashKey, requestKey, targetKey } from "../../../src/core/deal/key.ts";
import { type Member, pickAt, pickOrder } from "../../../src/core/deal/pick.ts";
import { score } from "../../../src/core/deal/score.ts";
import { plain, pool } from "./dealing.ts";
import { count, maxOverAverage } from "./statistics.ts";
import { vectors } from "./vectors.ts";

const member = (id: string): Member => ({ id: toByteString(id), key: targetKey(toByteString(id)) });
const acme = customerKey("", "acme", 0);
const firstOf = (request: string, members: readonly Member[], customer = acme): string | undefined =>
  pickOrder(customer, requestKey(request), members)[0]?.id;

describe("pick orders follow the golden vectors", () => {
  const pick = (
    vector: { customer: string; salt: string; reseed: number; request: string },
    members: readonly string[],
  ): readonly string[] =>
    pickOrder(
      customerKey(toByteString(vector.salt), toByteString(vector.customer), vector.reseed),
      requestKey(toByteString(vector.request)),
      members.map(member),
    ).map(({ id }) => id);

  test.each(vectors.picks)("'$request' of $customer", (vector) => {
    expect(pick(vector, vector.members)).toEqual(vector.pick.map(toByteString));
    expect(pick(vector, vector.members.toReversed())).toEqual(vector.pick.map(toByteString));
  });
  test.each(vectors.deals)("'$request' of '$customer' in a shard of $pool, $mode", (vector) => {
    expect(pick(vector, vector.deal)).toEqual(vector.pick.map(toByteString));
  });
});

test("members whose scores tie are picked in the UTF-8 byte order of their ids, however they are listed", () => {
  const tied = ["\u{1f600}-1091", "\uff21-649"].map(member); // of the golden pool `tie`; UTF-16 would order them the other way
  const none = { lo: 0, hi: 0 };
  const customer = customerKey("", "tie-2262", 0);
  expect(new Set(tied.map(({ key }) => score(customer, key))).size).toBe(1);
  for (const members of [tied, tied.toReversed()]) {
    expect(pickOrder(customer, none, members).map(({ id }) => id)).toEqual(["\uff21-649", "\u{1f600}-1091"].map(toByteString));
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
    const [first] = pickOrder(dealer.keyOf(`customer-${i}`), hot, shard);
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
