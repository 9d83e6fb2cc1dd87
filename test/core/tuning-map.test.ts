import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseTuning } from "../../src/core/parse/tuning.ts";
import { finish, mapInSteps } from "../../src/core/steps.ts";
import { hashOf } from "../../src/core/tuning-map/entry.ts";
import type { RawTuning } from "../../src/core/tuning-map/fields.ts";
import { TuningMap } from "../../src/core/tuning-map.ts";

type Entry = readonly [customer: string, tuning: RawTuning];
type Change = readonly [customer: string, tuning: RawTuning | undefined];

const bytes = (maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.integer({ min: 0, max: 255 }), { maxLength }).map((all) => String.fromCharCode(...all));

/** Byte strings alike and unlike, few enough to be named again and again. */
const customers = fc.oneof(
  fc.integer({ min: 0, max: 400 }).map((n) => `customer-${n}`),
  fc.integer({ min: 0, max: 256 }).map((length) => "a".repeat(length)), // each the beginning of the next; the first is empty
  fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte).repeat(256)),
  bytes(256),
);
const names = fc.oneof(
  fc.constantFrom("shard_size", "pin", "note", "backends/shard_size", "__proto__", "constructor", "7", ""),
  bytes(200),
);
const texts = fc.oneof(
  { weight: 20, arbitrary: bytes(4) },
  { weight: 2, arbitrary: bytes(300) },
  { weight: 1, arbitrary: fc.constant("x".repeat(20_000)) }, // its size takes three bytes
);
const tunings: fc.Arbitrary<RawTuning> = fc
  .array(fc.tuple(names, texts), { maxLength: 4, size: "max" })
  .map((fields) => Object.fromEntries(fields));
const changes: fc.Arbitrary<Change> = fc.tuple(customers, fc.option(tunings, { nil: undefined, freq: 2 }));
const manyChanges = fc.array(changes, { maxLength: 300, size: "max" });
const generations = fc.array(manyChanges, { maxLength: 5, size: "max" });

const built = (entries: Iterable<Entry>): TuningMap => finish(TuningMap.build(entries));

/** By customer; the fields as a list, which hides no name such as __proto__. */
const listed = (entries: Iterable<Entry>): readonly unknown[] =>
  [...entries]
    .map(([customer, tuning]) => [customer, Object.entries(tuning).sort(([a], [b]) => (a < b ? -1 : 1))] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));

function apply(to: ReadonlyMap<string, RawTuning>, all: readonly Change[]): ReadonlyMap<string, RawTuning> {
  const next = new Map(to);
  for (const [customer, tuning] of all) tuning === undefined ? next.delete(customer) : next.set(customer, tuning);
  return next;
}

describe("a tuning map", () => {
  test("holds what a plain map would, in every generation, whatever was changed since", () => {
    fc.assert(
      fc.property(generations, (all) => {
        const kept = [{ map: TuningMap.empty, plain: new Map() as ReadonlyMap<string, RawTuning> }];
        for (const batch of all) {
          const last = kept.at(-1) as (typeof kept)[number]; // there is always the first
          kept.push({ map: last.map.with(batch), plain: apply(last.plain, batch) });
        }
        const named = all.flat().map(([customer]) => customer);
        for (const { map, plain } of kept) {
          expect(map.size).toBe(plain.size);
          expect(listed(map)).toEqual(listed(plain));
          for (const customer of named) expect(fieldsOf(map.get(customer))).toEqual(fieldsOf(plain.get(customer)));
        }
      }),
      { numRuns: 60 },
    );
  });

  test("is the same in sum and in order as one built anew of the same content", () => {
    fc.assert(
      fc.property(manyChanges, fc.infiniteStream(fc.nat()), (all, chances) => {
        const plain = apply(new Map(), all);
        const shuffled = [...plain].map((entry) => ({ entry, by: chances.next().value ?? 0 })).sort((a, b) => a.by - b.by);
        const anew = built(shuffled.map(({ entry }) => entry));
        for (const map of [TuningMap.empty.with(all), all.reduce((one, change) => one.with([change]), TuningMap.empty)]) {
          expect(map.sum).toEqual(anew.sum);
          expect(map.size).toBe(anew.size);
          expect([...map]).toEqual([...anew]);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("built of customers named twice keeps the last word on each", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(customers, tunings), { maxLength: 300, size: "max" }), (entries) => {
        const map = built([...entries, ...entries.toReversed()]);
        const plain = new Map(entries.toReversed());
        expect(listed(map)).toEqual(listed(plain));
        expect(map.sum).toEqual(built(plain).sum);
        expect([...map]).toEqual([...built(plain)]);
      }),
      { numRuns: 60 },
    );
  });

  test("grows to many customers and shrinks to none, and finds each on the way", () => {
    const all = Array.from({ length: 20_000 }, (_, n): Entry => [`customer-${n}`, { shard_size: `${n}` }]);
    const grown = all.reduce((map, entry) => map.with([entry]), TuningMap.empty);
    expect(grown.sum).toEqual(built(all).sum);
    expect(all.every(([customer, tuning]) => grown.get(customer)?.shard_size === tuning.shard_size)).toBe(true);
    const half = grown.with(all.slice(10_000).map(([customer]) => [customer, undefined]));
    expect(half.sum).toEqual(built(all.slice(0, 10_000)).sum);
    expect(all.map(([customer]) => half.get(customer)?.shard_size)).toEqual(all.map((_, n) => (n < 10_000 ? `${n}` : undefined)));
    const none = half.with(all.map(([customer]) => [customer, undefined]));
    expect([none.size, none.sum, [...none]]).toEqual([0, { lo: 0, hi: 0 }, []]);
    expect(grown.size).toBe(20_000);
  });

  test("keeps customers apart whose hashes are one", () => {
    const [a, b] = colliding();
    const map = TuningMap.empty.with([
      [a, { shard_size: "1" }],
      [b, { shard_size: "2" }],
    ]);
    expect([map.get(a)?.shard_size, map.get(b)?.shard_size]).toEqual(["1", "2"]);
    const without = map.with([[a, undefined]]);
    expect([without.get(a), without.get(b)?.shard_size]).toEqual([undefined, "2"]);
    expect([...map]).toEqual([...built([...map].toReversed())]);
  });

  test("is another in sum when one byte of a customer, a field's name or a text is another, or stands elsewhere", () => {
    const alike: readonly (readonly Entry[])[] = [
      [],
      [["", {}]],
      [["a", {}]],
      [["a", { pin: "" }]],
      [["a", { pin: "b" }]],
      [["a", { avoid: "b" }]],
      [["b", { pin: "a" }]],
      [["a", { pin: "\u0080" }]],
      [["a", { pinb: "" }]],
      [["a", { pi: "nb" }]],
      [["a", { pin: "b", avoid: "" }]],
      [["ap", { in: "b" }]],
      [["a", { shard_size: "1", "x/shard_size": "2" }]],
      [["a", { shard_size: "2", "x/shard_size": "1" }]],
      [
        ["a", { shard_size: "1" }],
        ["b", { shard_size: "2" }],
      ],
      [
        ["a", { shard_size: "2" }],
        ["b", { shard_size: "1" }],
      ],
    ];
    const sums = alike.map((entries) => Object.values(built(entries).sum).join());
    expect(new Set(sums).size).toBe(alike.length);
    expect(new Set(sums.map((sum) => sum.split(",")[0])).size).toBe(alike.length); // either lane tells them apart
    expect(new Set(sums.map((sum) => sum.split(",")[1])).size).toBe(alike.length);
  });

  test("takes the fields of a customer in any order", () => {
    const one = built([["a", { pin: "b", "x/pin": "c", note: "d" }]]);
    expect(built([["a", { note: "d", "x/pin": "c", pin: "b" }]]).sum).toEqual(one.sum);
  });

  test("stays itself when a change says what is so already", () => {
    const map = built([["a", { pin: "b", note: "c" }]]);
    expect(
      map.with([
        ["a", { note: "c", pin: "b" }],
        ["b", undefined],
      ]),
    ).toBe(map);
  });

  test("gives fields as they are parsed, those that are not understood as well", () => {
    const written = { "backends/shard_size": "3", colour: "blue", pin: "no, such;target", shard_size: "10%" }; // in the order of their names
    expect(parseTuning(built([["a", written]]).get("a") ?? {})).toEqual(parseTuning(written));
  });

  test("is built and read in steps of some hundred entries", () => {
    let seen = 0;
    const entries = function* (): Generator<Entry> {
      for (let n = 0; n < 10_000; n++, seen++) yield [`customer-${n}`, { shard_size: "3" }];
    };
    const build = TuningMap.build(entries());
    let steps = 0;
    for (let before = 0, done = false; !done; before = seen, steps++) {
      done = build.next().done === true;
      expect(seen - before).toBeLessThanOrEqual(256);
    }
    expect(steps).toBeGreaterThan((3 * 10_000) / 256); // each entry is packed, measured and put in its place
    const reading = mapInSteps(built(entries()), ([customer]) => customer);
    let read = 1;
    while (reading.next().done !== true) read++;
    expect(read).toBeGreaterThan(10_000 / 257);
  });
});

const fieldsOf = (tuning: RawTuning | undefined) => tuning && Object.entries(tuning).sort(([a], [b]) => (a < b ? -1 : 1));

/** Two customers of one hash: among so many there is a pair by the birthday bound. */
function colliding(): readonly [string, string] {
  const seen = new Map<number, string>();
  for (let n = 0; n < 1_000_000; n++) {
    const customer = `c${n}`;
    const other = seen.get(hashOf(customer));
    if (other !== undefined) return [other, customer];
    seen.set(hashOf(customer), customer);
  }
  throw new Error("no two of a million hashes are one");
}
