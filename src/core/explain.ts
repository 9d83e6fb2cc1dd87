import { toDisplay } from "./bytes.ts";
import type { Decision, Step } from "./decide.ts";
import { explainRegion, type RegionExplanation } from "./explain-region.ts";
import { explainOverlap, explainShard, type OverlapExplanation, type ShardExplanation } from "./explain-shard.ts";
import type { Pool } from "./pool.ts";
import type { Live, Questions, RegionFact } from "./verdict.ts";

/** A decision for people and for `--json`: plain values, every byte string made displayable. */
export interface Explanation {
  readonly version: string;
  readonly route: string | undefined;
  readonly customer: string | undefined;
  readonly region: RegionExplanation | undefined; // undefined when the route has none
  readonly pool: string | undefined; // the route's
  readonly shard: ShardExplanation | undefined; // undefined when none was dealt
  readonly overlap: OverlapExplanation | undefined; // with the customer asked about
  readonly order: readonly string[]; // ids: the target that serves this request, then those that a retry takes
  readonly isSpilled: boolean; // none of them is of the shard
  readonly answer: { readonly status: number; readonly why: string } | undefined; // undefined: let through
  readonly edits: readonly { readonly name: string; readonly value: string | undefined }[]; // value undefined: removed
  readonly steps: readonly Step[];
  readonly broken: { readonly policy: string; readonly cause: string } | undefined;
}

/** What may be asked beyond the decision itself. */
export interface Asked {
  readonly other?: string | undefined; // a customer (byte string) to compare shards with
  readonly findRegion?: ((question: Questions["region"]) => RegionFact) | undefined; // what it was decided with; absent: nobody knows one
  readonly live?: ((question: Questions["live"]) => Live) | undefined; // of a running instance; absent: nothing is observed
}

/** Says what was decided and why. Pure. */
export function explain(
  { snapshot, exchange, answer, edits, steps, broken }: Decision,
  { other, live, findRegion = nobody }: Asked = {},
): Explanation {
  const { route, customer, pool, picked } = exchange.known;
  const isEjected = (of: Pool, place: number): boolean => live?.({ pool: of }).isEjected(place, exchange.atMs) ?? false;
  const isDealt = customer !== undefined && pool !== undefined;
  return {
    version: snapshot.version,
    route: route?.name,
    customer: customer === undefined ? undefined : toDisplay(customer),
    region: explainRegion(exchange, findRegion),
    pool,
    shard: isDealt ? explainShard(customer, pool, { snapshot, isEjected }) : undefined,
    overlap: isDealt && other !== undefined ? explainOverlap(customer, other, pool, snapshot) : undefined,
    order: picked?.order.map(({ id }) => id) ?? [],
    isSpilled: picked?.isSpilled ?? false,
    answer: answer && { status: answer.status, why: answer.why },
    edits: edits.map(({ name, value }) => ({ name, value: value === undefined ? undefined : toDisplay(value) })),
    steps,
    broken: broken && { policy: broken.policy, cause: String(broken.cause) },
  };
}

const nobody = (): RegionFact => ({ region: undefined, how: "failed" });
