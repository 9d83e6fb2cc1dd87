import type { Output } from "./output.ts";
import type { Target } from "./pool.ts";
import type { PoolRules } from "./rules.ts";

/** How a pool tells Envoy where an exchange goes. */
export interface Outputs {
  /** True where Envoy is told the whole order, for its retries; else the first target is all it hears of. */
  readonly tellsOrder: boolean;
  /** `order`: first choice first, at least one. The same object for the same first target where no more is told. */
  to(order: readonly Target[]): Output;
}

/** The outputs that fit the pool's `output`. */
export function createOutputs({ targets, output }: PoolRules): Outputs {
  if (output.kind !== "cluster_header") throw new TypeError(`output ${output.kind} is not made yet`);
  const ready = targets.map(({ id }): Output => ({ edits: [{ name: output.header, value: id }] }));
  return { tellsOrder: false, to: ([first]) => ready[first?.place ?? -1] ?? {} };
}
