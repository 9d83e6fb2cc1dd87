import { expect, test } from "vitest";
import { choose } from "../../src/core/choose.ts";
import { shardOf } from "../../src/core/shard.ts";
import type { Snapshot } from "../../src/core/snapshot.ts";
import { LiveFacts } from "../../src/store/live.ts";
import { exchange } from "../support/exchange.ts";
import { eight, snapshotOf } from "../support/rules.ts";

const PATHS = Array.from({ length: 40 }, (_, index) => `/order/${index}`);

/** The shard as it is with these words on the customer. */
const snapshotWith = (acme: Record<string, string>): Snapshot =>
  snapshotOf({
    pools: { p: { ...eight, shard: { size: 3, salt: "s", pick: "affinity:path", grace: "10s" } } },
    customers: { acme },
  });

/** Where requests to many paths go, each by its own affinity. */
function served(facts: LiveFacts, snapshot: Snapshot, atMs: number): ReadonlyMap<string, string | undefined> {
  const shard = shardOf("acme", "p", snapshot);
  if (shard === undefined) throw new Error("no pool");
  const live = facts.live({ pool: shard.pool });
  const to = (path: string): string | undefined =>
    choose(shard, { exchange: { ...exchange({ ":path": path }), atMs }, customer: "acme", live })?.order[0]?.id;
  return new Map(PATHS.map((path) => [path, to(path)]));
}

test("after a shrink every request that sticks stays where it was for the grace, then only members serve", () => {
  const facts = new LiveFacts();
  const whole = snapshotWith({});
  facts.follow(whole.pools.values(), 0);
  const before = served(facts, whole, 0);
  expect(new Set(before.values())).toHaveLength(3);
  const shrunk = snapshotWith({ shard_size: "2" });
  facts.follow(shrunk.pools.values(), 0);
  expect(served(facts, shrunk, 1_000)).toEqual(before);
  expect(new Set(served(facts, shrunk, 11_000).values())).toHaveLength(2);
});

test("who comes into quarantine is confined at once, whatever stuck to its former members", () => {
  const facts = new LiveFacts();
  const before = snapshotWith({});
  facts.follow(before.pools.values(), 0);
  served(facts, before, 0);
  const confined = snapshotWith({ quarantine: "1" });
  facts.follow(confined.pools.values(), 0);
  expect(new Set(served(facts, confined, 1).values())).toHaveLength(1);
});
