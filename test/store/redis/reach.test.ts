import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CALM_MS, GRACE_MS, MAX_MISSES, Reach, type Standing } from "../../../src/store/redis/reach.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watch() {
  const said: Standing[] = [];
  const reach = new Reach((standing) => said.push(standing));
  return { said, reach };
}

const gone = (why: string): Standing => ({ isAnswering: false, why });
const back: Standing = { isAnswering: true, why: undefined };

function miss(reach: Reach, times: number): void {
  for (let call = 0; call < times; call++) reach.miss();
}

test("a connection that comes up and stays is no news", () => {
  const { said, reach } = watch();
  vi.advanceTimersByTime(GRACE_MS - 1);
  reach.up();
  vi.advanceTimersByTime(1_000_000);
  expect(said).toEqual([]);
});

test("one that never comes up is said once, with the last reason, however many attempts fail", () => {
  const { said, reach } = watch();
  for (let attempt = 0; attempt < 100; attempt++) {
    reach.down(`attempt ${attempt}`);
    vi.advanceTimersByTime(GRACE_MS / 4);
  }
  expect(said).toEqual([gone("attempt 3")]);
});

test("one that is lost and soon back is no news: servers close idle connections", () => {
  const { said, reach } = watch();
  for (let loss = 0; loss < 100; loss++) {
    reach.up();
    vi.advanceTimersByTime(10_000);
    reach.down("closed");
    vi.advanceTimersByTime(GRACE_MS - 1);
  }
  expect(said).toEqual([]);
});

test("one that is lost and stays away is said once, and once that it is back for good", () => {
  const { said, reach } = watch();
  reach.up();
  reach.down("closed");
  vi.advanceTimersByTime(GRACE_MS);
  expect(said).toEqual([gone("closed")]);
  reach.up();
  vi.advanceTimersByTime(CALM_MS - 1);
  reach.down("closed again"); // not yet for good
  vi.advanceTimersByTime(10_000);
  reach.up();
  vi.advanceTimersByTime(CALM_MS);
  expect(said).toEqual([gone("closed"), back]);
});

test("calls in a row without an answer say as much, at once", () => {
  const { said, reach } = watch();
  reach.up();
  miss(reach, MAX_MISSES - 1);
  reach.hit();
  miss(reach, MAX_MISSES - 1);
  expect(said).toEqual([]);
  reach.miss();
  expect(said).toEqual([gone("no answer in time")]);
});

test("a server that is up and always too slow is said once", () => {
  const { said, reach } = watch();
  for (let loss = 0; loss < 100; loss++) {
    reach.up();
    for (let second = 0; second < 5; second++) {
      reach.miss();
      vi.advanceTimersByTime(1_000);
    }
    reach.down("no answer in time");
    vi.advanceTimersByTime(60);
  }
  expect(said).toEqual([gone("no answer in time")]);
});

test("after close nothing is said", () => {
  const { said, reach } = watch();
  reach.up();
  reach.close();
  reach.down("closed");
  vi.advanceTimersByTime(1_000_000);
  expect(said).toEqual([]);
});
