import type { Output } from "./output.ts";
import { formatTcp } from "./parse/address.ts";
import type { Target } from "./pool.ts";
import { DEFAULT_CLUSTER_HEADER, HOSTS_KEY, type PoolRules, TARGET_KEY } from "./rules.ts";

/** How a pool tells Envoy where an exchange goes. */
export interface Outputs {
  /** True where Envoy is told the whole order, for its retries; else the first target is all it hears of. */
  readonly tellsOrder: boolean;
  /** `order`: first choice first, at least one. The same object for the same first target where no more is told. */
  to(order: readonly Target[]): Output;
}

/** The outputs that fit the pool's `output`. */
export function createOutputs({ name, targets, output }: PoolRules): Outputs {
  if (output.kind === "cluster_header") {
    const ready = targets.map(({ id }): Output => ({ edits: [{ name: output.header, value: id }] }));
    return { tellsOrder: false, to: ([first]) => ready[first?.place ?? -1] ?? {} };
  }
  const hosts = targets.map(({ address }) => (address === undefined ? "" : formatTcp(address))); // each has one: check-outputs.ts
  const toPool = { name: DEFAULT_CLUSTER_HEADER, value: name }; // the pool's own cluster
  const listOf = (order: readonly Target[]): string => {
    const listed = order.length > MAX_LISTED ? order.slice(0, MAX_LISTED) : order;
    return listed.map(({ place }) => hosts[place]).join(",");
  };
  if (output.kind === "override_host") {
    return { tellsOrder: true, to: (order) => ({ edits: [toPool, { name: output.header, value: listOf(order) }] }) };
  }
  const { namespace } = output;
  const edits = [toPool];
  return {
    tellsOrder: true,
    to: (order) => ({
      edits,
      metadata: [
        { namespace, key: HOSTS_KEY, value: listOf(order) },
        { namespace, key: TARGET_KEY, value: order[0]?.id ?? "" },
      ],
    }),
  };
}

/** Envoy tries four of them at the most (core/envoy/retries.ts), and fails a request whose headers grow beyond 60 KiB. */
const MAX_LISTED = 32;
