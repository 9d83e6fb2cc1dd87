import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { StoreRules } from "../../src/core/rules.ts";
import { FAREWELL_MS } from "../../src/store/farewell.ts";
import type { Standing } from "../../src/store/redis/reach.ts";
import { RedisLinks } from "../../src/store/redis-links.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The rules of a store: new objects each time, as after a reload. */
const storeAt = (port: number, password?: string): StoreRules => ({
  redis: { address: { kind: "tcp", host: "127.0.0.1", port }, hasTls: false, user: undefined, password, database: 0 },
});

const SILENT: Standing = { isAnswering: false, why: "closed" };

function openLinks() {
  const opened: { closes: number; readonly say: (standing: Standing) => void }[] = [];
  const reports: unknown[] = [];
  const links = new RedisLinks({
    open: (_, report) => {
      const one = { closes: 0, say: report };
      opened.push(one);
      return { ready: Promise.resolve(), hget: async () => undefined, close: async () => void one.closes++ };
    },
    report: ({ address }) => reports.push(address.kind === "tcp" && address.port),
  });
  return { links, opened, reports };
}

test("the connection stays while the rules say the same, through any number of reloads", async () => {
  const { links, opened } = openLinks();
  for (let reload = 0; reload < 100; reload++) links.follow(storeAt(1));
  const [first, second] = [links.to(storeAt(1).redis), links.to(storeAt(1).redis)];
  await vi.advanceTimersByTimeAsync(FAREWELL_MS);
  expect(first).toBe(second);
  expect(opened).toMatchObject([{ closes: 0 }]);
});

test.each([
  ["another place", storeAt(2)],
  ["another password", storeAt(1, "hush")],
  ["none", undefined],
])("%s is another store: the former one serves who began with it, and is then closed", async (_, store) => {
  const { links, opened } = openLinks();
  links.follow(storeAt(1));
  links.follow(store);
  await vi.advanceTimersByTimeAsync(FAREWELL_MS - 1);
  expect(opened[0]?.closes).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(opened.map(({ closes }) => closes)).toEqual(store === undefined ? [1] : [1, 0]);
});

test("what becomes of a former store is no news", () => {
  const { links, opened, reports } = openLinks();
  links.follow(storeAt(1));
  links.follow(storeAt(2));
  for (const { say } of opened) say(SILENT);
  expect(reports).toEqual([2]);
});

test("close closes every connection once, former ones too", async () => {
  const { links, opened } = openLinks();
  links.follow(storeAt(1));
  links.follow(storeAt(2));
  await links.close();
  await vi.advanceTimersByTimeAsync(FAREWELL_MS);
  expect(opened).toMatchObject([{ closes: 1 }, { closes: 1 }]);
});

test("a store that was not followed is not to be had", () => {
  const { links } = openLinks();
  links.follow(storeAt(1));
  expect(() => links.to(storeAt(2).redis)).toThrow("not followed");
});
