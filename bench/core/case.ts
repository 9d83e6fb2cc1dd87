/** Something small whose speed is measured. */
export interface Case {
  readonly name: string;
  readonly budgetNs?: number; // what one operation may take; absent: nobody has said
  readonly p99BudgetNs?: number; // likewise, of the samples' p99
  /** Measures itself, in ns, instead of being timed: where it is not the mean that counts. */
  readonly measure?: () => number;
  /** Does it so many times. Returns a number made of all results, so that none of the work can be left out. */
  readonly run: (times: number) => number;
  /** Lets go of what it holds; not to be run again. Else the collector would walk through it during the cases that follow. */
  readonly release?: () => void;
}

/** A case that does one operation on each of some inputs in turn. */
export function caseOver<T>(name: string, inputs: readonly T[], operate: (input: T) => number, budgetNs?: number): Case {
  const run = (times: number): number => {
    let sum = 0;
    for (let i = 0, at = 0; i < times; i++, at = at + 1 < inputs.length ? at + 1 : 0) sum += operate(inputs[at] as T);
    return sum;
  };
  return budgetNs === undefined ? { name, run } : { name, run, budgetNs };
}
