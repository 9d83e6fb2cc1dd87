import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { finish } from "../../src/core/steps.ts";
import { join, type Piece, split } from "../../src/store/pieces.ts";

/** Through all that another thread does to a message. */
function send(value: unknown): { readonly received: unknown; readonly pieces: readonly Piece[] } {
  const pieces = [...split(value)].map((piece) => structuredClone(piece));
  const queue = [...pieces];
  return { received: finish(join(() => queue.shift())), pieces };
}

/** How many objects there are in a value. */
function count(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const children = value instanceof Map ? [...value].flat(1) : Object.values(value);
  return children.reduce<number>((sum, child) => sum + count(child), 1);
}

const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(undefined), fc.constant(null), fc.uint8Array({ maxLength: 8 }));
const record = (values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.array(fc.tuple(fc.oneof(fc.string(), fc.constant("__proto__")), values), { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs));
const { value: small } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    leaf,
    fc.array(tie("value"), { maxLength: 3 }),
    record(tie("value")),
    fc.array(fc.tuple(leaf, tie("value")), { maxLength: 3 }).map((pairs) => new Map(pairs)),
  ),
}));
/** Some of them large enough to be cut, at any place. */
const values = fc.array(fc.tuple(small, fc.integer({ min: 0, max: 400 })), { maxLength: 4 }).map((items) =>
  items.map(([item, times]) => ({
    item,
    list: Array(times).fill([item]),
    map: new Map(Array.from({ length: times }, (_, key) => [key, { item }])),
  })),
);

test("plain data arrives as it was", () => {
  fc.assert(
    fc.property(values, (value) => {
      expect(isDeepStrictEqual(send(value).received, value)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("no piece of a long list or Map is large", () => {
  const routes = Array.from({ length: 10_000 }, (_, index) => ({ name: `r${index}`, match: { path: { kind: "exact", path: "/" } } }));
  const { pieces, received } = send({ routes, byName: new Map(routes.map((route) => [route.name, { ...route }])) });
  expect(Math.max(...pieces.map(count))).toBeLessThan(3_000);
  expect(pieces.length).toBeLessThan(1_000);
  expect(received).toEqual({ routes, byName: new Map(routes.map((route) => [route.name, route])) });
});

test.each([5_000, 1])("what ten thousand refer to is sent once, and is still one thing: %i entries", (size) => {
  const table = new Map(Array.from({ length: size }, (_, index) => [`host-${index}`, "eu"]));
  const discovery = { name: "main", table };
  const { received, pieces } = send({ discovery, routes: Array.from({ length: 10_000 }, () => ({ region: { discovery } })) });
  const { discovery: one, routes } = received as { discovery: unknown; routes: readonly { region: { discovery: unknown } }[] };
  expect(routes).toHaveLength(10_000);
  expect(routes.every(({ region }) => region.discovery === one)).toBe(true);
  expect(one).toEqual(discovery);
  expect(pieces.reduce((sum, piece) => sum + count(piece), 0)).toBeLessThan(100_000);
});

test("with a piece missing at the end there is no value", () => {
  const queue = [...split(Array.from({ length: 5_000 }, (_, index) => [index]))].slice(0, -1);
  expect(finish(join(() => queue.shift()))).toBeUndefined();
});
