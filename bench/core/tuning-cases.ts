import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { finish } from "../../src/core/steps.ts";
import type { RawTuning } from "../../src/core/tuning-map/fields.ts";
import { TuningMap } from "../../src/core/tuning-map.ts";
import { type Case, caseOver } from "./case.ts";

const CUSTOMERS = 1_000_000;
const ASKED = Array.from({ length: 4_096 }, (_, index) => (index * 618_033) % CUSTOMERS);

/** What the store says of a million customers, each a `shard_size`: looked up, changed, made, and held. */
export function tuningCases(): readonly Case[] {
  let held: TuningMap | undefined;
  const map = (): TuningMap => {
    held ??= build();
    return held;
  };
  const known = ASKED.map((n) => `customer-${n}`);
  const unknown = ASKED.map((n) => `client-${n}`);
  const changes = known.map((customer, n) => [[customer, { shard_size: `${10 + (n % 90)}` }]] as const);
  const removals = known.map((customer) => [[customer, undefined]] as const);
  const additions = unknown.map((customer) => [[customer, { shard_size: "4" }]] as const);
  return [
    caseOver("tuning of one of 1,000,000 customers", known, (customer) => map().get(customer)?.shard_size?.length ?? 0, 300),
    caseOver("tuning of a customer that has none", unknown, (customer) => (map().get(customer) === undefined ? 1 : 0), 300),
    caseOver("tuning changed, of 1,000,000", changes, (change) => map().with(change).size, 50_000),
    caseOver("tuning removed", removals, (change) => map().with(change).size, 50_000),
    { ...caseOver("tuning added", additions, (change) => map().with(change).size, 50_000), release: () => (held = undefined) },
    { name: "tuning of 1,000,000 built", budgetNs: 2e9, run: () => 1, measure: buildNs },
    { name: "longest step of building them", budgetNs: 0.5e6, run: () => 1, measure: longestStepNs },
    { name: "bytes (not ns) a customer of 1,000,000", budgetNs: 60 * 1.048576, run: () => 1, measure: bytesEach },
  ];
}

/** As a store gives them: one after the other, none of them kept. */
function* entries(): Generator<readonly [customer: string, tuning: RawTuning]> {
  for (let n = 0; n < CUSTOMERS; n++) yield [`customer-${n}`, { shard_size: `${1 + (n % 20)}` }];
}

const build = (): TuningMap => finish(TuningMap.build(entries()));

function buildNs(): number {
  const before = performance.now();
  build();
  return (performance.now() - before) * 1e6;
}

/** Of each step the shortest of some rounds: what the machine or the collector does meanwhile hits another step each time. */
function longestStepNs(): number {
  const shortest: number[] = [];
  for (let round = 0; round < 3; round++) {
    const steps = TuningMap.build(entries());
    let before = performance.now();
    for (let step = 0; !steps.next().done; step++) {
      const now = performance.now();
      shortest[step] = Math.min(shortest[step] ?? Number.POSITIVE_INFINITY, now - before);
      before = performance.now();
    }
  }
  return shortest.reduce((longest, ms) => Math.max(longest, ms), 0) * 1e6;
}

/** On the collector's heap and in buffers; what the allocator adds to each buffer is in neither. */
function bytesEach(): number {
  const before = usedBytes();
  const map = build();
  return (usedBytes() - before) / map.size;
}

function usedBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  collect();
  collect(); // the first one may still be freeing buffers
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
