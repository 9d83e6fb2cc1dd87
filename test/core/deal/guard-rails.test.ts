import { describe, expect, test } from "vitest";
import { checkGuardRails, type Guarded, warnOfFewShards } from "../../../src/core/deal/guard-rails.ts";

/** Targets by zone; zones are named a, b, c. */
const inZones = (...sizes: readonly number[]): Guarded["targets"] =>
  sizes.flatMap((size, zone) => Array.from({ length: size }, () => ({ zone: "abc"[zone] ?? "" })));
const guarded = (pool: Partial<Guarded> & { readonly count?: number }): Guarded => ({
  targets: inZones(8, 8),
  size: { kind: "count", count: pool.count ?? 3 },
  mode: "min",
  minZones: undefined,
  salt: "s",
  ...pool,
});
const said = (pool: Guarded): readonly string[] => checkGuardRails(pool).map(({ about, message }) => `${about}: ${message}`);

describe("what works and is likely not meant is warned of, once a cause, at its setting", () => {
  test.each<[string, Guarded, readonly RegExp[]]>([
    ["nothing", guarded({}), []],
    ["a quarter of the pool is not too much", guarded({ count: 4 }), []],
    ["more than a quarter", guarded({ count: 5 }), [/^size: a shard is 5 of 16 targets, more than a quarter/]],
    ["a percentage counts as what it comes to", guarded({ size: { kind: "percent", basisPoints: 3000 } }), [/^size: a shard is 5 of 16/]],
    ["one target each", guarded({ count: 1 }), [/^size: .*no redundancy; size 2/]],
    ["every target each", guarded({ count: 16 }), [/^size: .*isolates nobody/]],
    ["more than there are", guarded({ count: 17 }), [/^size: shard size 17 is larger than the pool of 16/]],
    ["targets of weight 0 do not count", guarded({ targets: [...inZones(6, 6), { zone: "a", weight: 0 }], count: 4 }), [/4 of 12 targets/]],
    ["more zones asked for than there are", guarded({ minZones: 3 }), [/^min_zones: min_zones is 3, and the targets are in 2 zones$/]],
    [
      "zones named in bytes are shown as text",
      guarded({ targets: [...inZones(1), ...Array.from({ length: 15 }, () => ({ zone: "\xc3\xb6" }))] }),
      [/^zones: zone ö holds 94 %/],
    ],
    ["a zone with most of the targets", guarded({ targets: inZones(12, 4) }), [/^zones: zone a holds 75 % of the pool/]],
    [
      "a zone with most of the weight",
      guarded({ targets: inZones(8, 8).map((t) => ({ ...t, weight: t.zone === "b" ? 300 : 100 })) }),
      [/^zones: zone b holds 75 %/],
    ],
    ["a single zone is not about zones", guarded({ targets: inZones(16) }), []],
    [
      "spread: a zone smaller than its share",
      guarded({ mode: "spread", targets: inZones(20, 20, 1), count: 6 }),
      [/^zones: zone c has 1 target, fewer than its share of a shard, 2;/],
    ],
    [
      "spread: a small zone serves more",
      guarded({ mode: "spread", targets: inZones(10, 10, 4) }),
      [/^zones: zone c has 4 targets, and each serves 2\.0 × the average/],
    ],
    ["spread: even zones", guarded({ mode: "spread", targets: inZones(6, 6, 6) }), []],
    ["no salt", guarded({ salt: "" }), [/^salt: .*set a secret one$/]],
    ["several causes", guarded({ count: 1, salt: "", minZones: 4 }), [/^size/, /^min_zones/, /^salt/]],
  ])("%s", (_, pool, lines) => {
    expect(said(pool)).toEqual(lines.map((line) => expect.stringMatching(line)));
  });
});

test.each([
  [28, 100, [/^only 28 shards exist for 100 customers, /]],
  [1, 100, [/^only 1 shard exists for 100 customers, /]],
  [100, 100, []],
  [Number.POSITIVE_INFINITY, 100, []],
] as const)("%s possible shards and %i customers", (possible, customers, lines) => {
  expect(warnOfFewShards(possible, customers)).toEqual(lines.map((line) => expect.stringMatching(line)));
});
