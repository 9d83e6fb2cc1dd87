/**
 * How much longer work takes on an input four times as large: the median of some rounds, so that what else the machine does
 * weighs little. Linear work gives about 4, quadratic 16.
 */
export function growth(work: (size: number) => unknown, size: number): number {
  const rounds = 9;
  const ratios: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const small = timed(() => work(size));
    const large = timed(() => work(4 * size));
    if (round > 0) ratios.push(large / small); // the first is to get warm
  }
  return ratios.sort((a, b) => a - b)[rounds >> 1] ?? 0;
}

/** The fastest of a few goes: one that was interrupted says nothing. */
function timed(work: () => unknown): number {
  let fastest = Number.POSITIVE_INFINITY;
  for (let go = 0; go < 5; go++) {
    const start = performance.now();
    work();
    fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest;
}
