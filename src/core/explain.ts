import { toDisplay } from "./bytes.ts";
import type { Decision, Step } from "./decide.ts";

/** A decision for people and for `--json`: plain values, every byte string made displayable. */
export interface Explanation {
  readonly version: string;
  readonly route: string | undefined;
  readonly customer: string | undefined;
  readonly pool: string | undefined;
  readonly shard: readonly { readonly id: string; readonly zone: string }[]; // in deal order; empty when none was dealt
  readonly answer: { readonly status: number; readonly why: string } | undefined; // undefined: let through
  readonly edits: readonly { readonly name: string; readonly value: string | undefined }[]; // value undefined: removed
  readonly steps: readonly Step[];
  readonly broken: { readonly policy: string; readonly cause: string } | undefined;
}

/** Says what was decided and why. Pure; deals the shard again, as the policy did. */
export function explain({ snapshot, exchange, answer, edits, steps, broken }: Decision): Explanation {
  const { route, customer, pool } = exchange.known;
  const dealt = customer === undefined || pool === undefined ? [] : (snapshot.pools.get(pool)?.shardOf(customer) ?? []);
  return {
    version: snapshot.version,
    route: route?.name,
    customer: customer === undefined ? undefined : toDisplay(customer),
    pool,
    shard: dealt.map(({ id, zone }) => ({ id, zone: toDisplay(zone) })),
    answer: answer && { status: answer.status, why: answer.why },
    edits: edits.map(({ name, value }) => ({ name, value: value === undefined ? undefined : toDisplay(value) })),
    steps,
    broken: broken && { policy: broken.policy, cause: String(broken.cause) },
  };
}
