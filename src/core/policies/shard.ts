import { type Asking, choose } from "../choose.ts";
import type { Policy } from "../decide.ts";
import type { Picked } from "../exchange.ts";
import type { Datum } from "../output.ts";
import { looksAtResponses } from "../rules.ts";
import { type Shard, shardOf } from "../shard.ts";
import { type Answer, adjust, answer, ask, pass, type Verdict, type Wants } from "../verdict.ts";

/** Deals the customer its shard and picks one target of it; unless its operator lets it spill, no request ever leaves its shard. */
export const shard: Policy = (exchange, snapshot) => {
  const { customer, pool } = exchange.known;
  if (customer === undefined || pool === undefined) return pass;
  const dealt = shardOf(customer, pool, snapshot);
  if (dealt === undefined) return answer(503, "no such pool");
  if (dealt.members.length === 0) return refuse("no target can be dealt");
  return ask("live", { pool: dealt.pool }, (live) => send(dealt, { exchange, customer, live }));
};

function send(dealt: Shard, asking: Asking): Verdict {
  const picked = choose(dealt, asking);
  if (picked === undefined) return refuse("no target of the shard is up");
  const { edits, metadata } = picked.pool.outputs.to(picked.order);
  return adjust({
    edits,
    metadata: picked.isSpilled ? [...(metadata ?? []), SPILLED] : metadata,
    known: { picked },
    wants: wantsOf(picked),
  });
}

/** For Envoy's access log: `%DYNAMIC_METADATA(riffle:spilled)%`. */
const SPILLED: Datum = { namespace: "riffle", key: "spilled", value: true };

/** What the target answers is looked at where a later pick depends on it. */
const wantsOf = ({ pool: { rules } }: Picked): Wants | undefined => (looksAtResponses(rules) ? RESPONSE : undefined);

const RESPONSE: Wants = { responseHeaders: true };

/** So that whoever sees the 503 can tell it from a target's own. */
const refuse = (why: string): Answer => answer(503, why, { headers: [{ name: "x-riffle-reason", value: why.replaceAll(" ", "-") }] });
