import { expect, test } from "vitest";
import { type Account, cpuBetween, readAccount, readMachine, readMemory, readNsPerTick } from "../../bench/accounts.ts";

const TICK = 10_000_000;
const account = (threads: Record<number, number>, ticks: number): Account => ({
  threads: new Map(Object.entries(threads).map(([thread, ns]) => [Number(thread), ns])),
  ticks,
});

test.each([
  { name: "threads that were there before", before: account({ 1: 100, 2: 50 }, 0), after: account({ 1: 300, 2: 60 }, 0), ns: 210 },
  { name: "threads that came", before: account({ 1: 100 }, 0), after: account({ 1: 100, 2: 70 }, 0), ns: 70 },
  { name: "threads that ended, by ticks", before: account({ 1: 0, 2: 5 * TICK }, 5), after: account({ 1: TICK }, 25), ns: 20 * TICK },
  { name: "no more than ticks are off by", before: account({ 1: 0 }, 0), after: account({ 1: TICK }, 3), ns: TICK },
])("CPU time counts $name", ({ before, after, ns }) => {
  expect(cpuBetween(before, after, TICK)).toBe(ns);
});

test("the accounts of a real process agree with what it says of itself", () => {
  const [before, said] = [readAccount(process.pid), process.cpuUsage()];
  for (const end = performance.now() + 200; performance.now() < end; ) Math.sqrt(end);
  const { user, system } = process.cpuUsage(said);
  const ns = cpuBetween(before, readAccount(process.pid), readNsPerTick());
  expect(Math.abs(ns / 1000 - user - system)).toBeLessThan(0.3 * (user + system));
});

test("memory and the machine's account can be read", () => {
  const { resident, peak } = readMemory(process.pid);
  expect(resident).toBeGreaterThan(2 ** 20);
  expect(peak).toBeGreaterThanOrEqual(resident);
  const { busy, all } = readMachine();
  expect(busy).toBeGreaterThan(0);
  expect(all).toBeGreaterThan(busy);
});
