import type { Case } from "./case.ts";

/** How long one operation took, in ns. */
export interface Timing {
  readonly medianNs: number;
  readonly p99Ns: number; // of the samples, each the mean over a batch: a hiccup of the machine or the collector, not one slow call
  readonly samples: number;
}

const WARM_UP_MS = 400; // long enough for the optimizing compiler
const BATCH_MS = 0.25; // far above what the clock can tell apart
const SAMPLES = 1_000;
const ROUNDS = 5;
const LIMIT_MS = 1_500; // fewer samples rather than more time

/** What work returned goes here: nothing that is stored can be left out by the compiler. */
const sink = new Float64Array(1);

/** Times a case: warm-up first, then samples of equal batches. Takes two seconds at most. */
export function time({ run, measure }: Case): Timing {
  if (measure !== undefined) return timeItself(measure);
  const batch = warmUp(run);
  const samples: number[] = [];
  for (const end = performance.now() + LIMIT_MS; samples.length < SAMPLES && performance.now() < end; ) {
    samples.push((timed(run, batch) * 1e6) / batch);
  }
  samples.sort((a, b) => a - b);
  const at = (share: number): number => samples[Math.min(samples.length - 1, Math.floor(share * samples.length))] ?? 0;
  return { medianNs: at(0.5), p99Ns: at(0.99), samples: samples.length };
}

/** A few rounds of a case that measures itself, after one to get warm. */
function timeItself(measure: () => number): Timing {
  measure();
  const rounds = Array.from({ length: ROUNDS }, measure).sort((a, b) => a - b);
  return { medianNs: rounds[ROUNDS >> 1] ?? 0, p99Ns: rounds[ROUNDS - 1] ?? 0, samples: ROUNDS };
}

/** Runs until it is warm; returns the size of a batch that takes long enough. */
function warmUp(run: Case["run"]): number {
  timed(run, 1); // what a case builds first is no part of its speed, nor of the time to warm up
  let batch = 1;
  for (const end = performance.now() + WARM_UP_MS; performance.now() < end; ) {
    if (timed(run, batch) < BATCH_MS) batch *= 2;
  }
  return batch;
}

/** In ms. */
function timed(run: Case["run"], times: number): number {
  const start = performance.now();
  const sum = run(times);
  const elapsed = performance.now() - start;
  sink[0] = (sink[0] ?? 0) + sum;
  return elapsed;
}
