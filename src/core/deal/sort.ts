/** Sorts the first `count` numbers ascending, in place. */
export function sortNumbers(numbers: Float64Array, count: number): void {
  if (count > FEW) {
    numbers.subarray(0, count).sort();
    return;
  }
  for (let end = 1; end < count; end++) {
    const moving = numbers[end] ?? 0;
    let at = end;
    for (; at > 0 && (numbers[at - 1] ?? 0) > moving; at--) numbers[at] = numbers[at - 1] ?? 0;
    numbers[at] = moving;
  }
}

/** Sorts the first `count` pairs, each at one index of both arrays, by the first number and then the second, in place. */
export function sortPairs(firsts: Float64Array, seconds: Float64Array, count: number): void {
  for (const gap of GAPS) {
    for (let end = gap; end < count; end++) {
      const first = firsts[end] ?? 0;
      const second = seconds[end] ?? 0;
      let at = end;
      for (; at >= gap; at -= gap) {
        const before = firsts[at - gap] ?? 0;
        if (before < first || (before === first && (seconds[at - gap] ?? 0) <= second)) break;
        firsts[at] = before;
        seconds[at] = seconds[at - gap] ?? 0;
      }
      firsts[at] = first;
      seconds[at] = second;
    }
  }
}

/** Up to here insertion beats the call of the native sort, which wants an array of its own. */
const FEW = 48;

/** Shell's sort, since the native ones cannot move two arrays as one: Ciura's gaps, then each 2.25 times the last. */
const GAPS = [1_750_000, 777_777, 345_678, 153_634, 68_281, 30_347, 13_487, 5_994, 2_664, 1_184, 526, 234, 103, 46, 19, 7, 1];
