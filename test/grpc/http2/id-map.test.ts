import fc from "fast-check";
import { expect, test } from "vitest";
import { IdMap } from "../../../src/grpc/http2/id-map.ts";

const ids = fc.oneof(
  fc.integer({ min: 1, max: 400 }).map((n) => n * 2 - 1), // a client's, one after the other
  fc.integer({ min: 0, max: 30 }).map((n) => 1 + n * 256), // of one home, whatever the size
  fc.integer({ min: 1, max: 2 ** 31 - 1 }),
);
const steps = fc.array(fc.record({ kind: fc.constantFrom("set", "set", "set", "delete", "clear"), id: ids }), {
  maxLength: 600,
  size: "max",
});

test("whatever comes and goes, it holds what a Map would hold", () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const map = new IdMap<{ readonly id: number }>();
      const reference = new Map<number, { readonly id: number }>();
      for (const [at, { kind, id }] of taken.entries()) {
        if (kind === "clear" && at % 50 === 0) {
          map.clear();
          reference.clear();
        } else if (kind === "delete") {
          map.delete(id);
          reference.delete(id);
        } else {
          const entry = { id };
          map.set(entry);
          reference.set(id, entry);
        }
        expect(map.size).toBe(reference.size);
        expect(map.get(id)).toBe(reference.get(id));
      }
      expect(map.values().toSorted((a, b) => a.id - b.id)).toEqual([...reference.values()].sort((a, b) => a.id - b.id));
      for (const [id, entry] of reference) expect(map.get(id)).toBe(entry);
    }),
  );
});

test("numbers that all have one home are still found, and leave no trace when they go", () => {
  const map = new IdMap<{ readonly id: number }>();
  const collide = Array.from({ length: 1_000 }, (_, n) => ({ id: 1 + n * 2 ** 17 }));
  for (const entry of collide) map.set(entry);
  for (const entry of collide) expect(map.get(entry.id)).toBe(entry);
  for (const { id } of collide) map.delete(id);
  expect(map.size).toBe(0);
  expect(map.values()).toEqual([]);
});
