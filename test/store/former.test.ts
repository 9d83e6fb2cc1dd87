import { expect, test } from "vitest";
import { FormerMembers } from "../../src/store/former.ts";

const seen = (customer: string, ...shard: readonly string[]) => ({ customer, shard, atMs: 0, graceMs: 10 });

test("however many customers come by, no more are remembered than there is room for, and the latest are", () => {
  const former = new FormerMembers(100);
  for (let i = 0; i < 1_000; i++) {
    former.of(seen(`customer-${i}`, "a", "b"));
    former.of(seen("regular", "a", "b"));
    expect(former.size).toBeLessThanOrEqual(100);
  }
  for (let i = 960; i < 1_000; i++) expect(former.of(seen(`customer-${i}`, "a"))).toEqual(["b"]);
  expect(former.of(seen("regular", "a"))).toEqual(["b"]);
  expect(former.of(seen("customer-0", "a"))).toEqual([]);
});

test("who keeps coming by keeps its former members, however many others do", () => {
  const former = new FormerMembers(100);
  former.of(seen("regular", "a", "b"));
  for (let i = 0; i < 1_000; i++) {
    former.of(seen(`customer-${i}`, "a", "b"));
    expect(former.of(seen("regular", "a"))).toEqual(["b"]);
  }
});
