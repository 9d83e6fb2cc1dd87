import { toDisplay } from "./bytes.ts";
import type { Decision, Step } from "./decide.ts";
import { explainRegion, type RegionExplanation } from "./explain-region.ts";
import { explainOverlap, explainShard, type OverlapExplanation, type ShardExplanation } from "./explain-shard.ts";
import type { Edits } from "./output.ts";
import type { Pool } from "./pool.ts";
import type { Route } from "./route-rules.ts";
import { DEFAULT_CLUSTER_HEADER } from "./rules.ts";
import type { Live, Questions, RegionFact } from "./verdict.ts";

/** A decision for people and for `--json`: plain values, every byte string made displayable. */
export interface Explanation {
  readonly version: string;
  readonly host: string | undefined; // the virtual host's, as written; undefined: none is meant for the authority
  readonly route: string | undefined;
  readonly passedOver: readonly { readonly route: string; readonly why: string }[]; // before it, or all of them, in file order
  readonly customer: string | undefined;
  readonly region: RegionExplanation | undefined; // undefined when the route has none
  readonly pool: string | undefined; // where a shard was to be dealt
  readonly shard: ShardExplanation | undefined; // undefined when none was dealt
  readonly overlap: OverlapExplanation | undefined; // with the customer asked about
  readonly cluster: string | undefined; // where the route sends it by itself, with no shard
  readonly order: readonly string[]; // ids: the target that serves this request, then those that a retry takes
  readonly isSpilled: boolean; // none of them is of the shard
  readonly answer: { readonly status: number; readonly why: string; readonly headers: ExplainedEdits } | undefined; // undefined: let through
  readonly edits: ExplainedEdits;
  readonly steps: readonly Step[];
  readonly broken: { readonly policy: string; readonly cause: string } | undefined;
}

type ExplainedEdits = readonly { readonly name: string; readonly value: string | undefined }[]; // value undefined: removed

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
  const { host, passedOver } = snapshot.router.trace(exchange.headers);
  const isEjected = (of: Pool, place: number): boolean => live?.({ pool: of }).isEjected(place, exchange.atMs) ?? false;
  const isDealt = customer !== undefined && pool !== undefined;
  return {
    version: snapshot.version,
    host,
    route: route?.name,
    passedOver: passedOver.map(({ route: { name }, why }) => ({ route: name, why: toDisplay(why) })),
    customer: customer === undefined ? undefined : toDisplay(customer),
    region: explainRegion(exchange, findRegion),
    pool,
    shard: isDealt ? explainShard(customer, pool, { snapshot, isEjected }) : undefined,
    overlap: isDealt && other !== undefined ? explainOverlap(customer, other, pool, snapshot) : undefined,
    cluster: answer === undefined && !isDealt ? clusterOf(route, edits) : undefined,
    order: picked?.order.map(({ id }) => id) ?? [],
    isSpilled: picked?.isSpilled ?? false,
    answer: answer && { status: answer.status, why: answer.why, headers: explainEdits(answer.headers ?? []) },
    edits: explainEdits(edits),
    steps,
    broken: broken && { policy: broken.policy, cause: String(broken.cause) },
  };
}

/** The cluster that the edits name in the header by which the route is sent; of two edits the later one counts. */
function clusterOf(route: Route | undefined, edits: Edits): string | undefined {
  const to = route?.target;
  const header = to?.kind === "header" && to.allowed === undefined ? to.header : DEFAULT_CLUSTER_HEADER;
  return edits.findLast(({ name }) => name === header)?.value;
}

const explainEdits = (edits: Edits): ExplainedEdits =>
  edits.map(({ name, value }) => ({ name, value: value === undefined ? undefined : toDisplay(value) }));

const nobody = (): RegionFact => ({ region: undefined, how: "failed" });
