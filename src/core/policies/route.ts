import type { Policy } from "../decide.ts";
import type { Output } from "../output.ts";
import { adjust, answer } from "../verdict.ts";

/** Chooses the route; a route to a fixed cluster says where the exchange goes at once, a pool leaves it to `shard`. */
export const route: Policy = ({ headers }, { router }) => {
  const found = router.find(headers);
  if (found === undefined) return answer(404, "no route");
  const { edits, metadata } = found.target.kind === "cluster" ? found.target.output : NOWHERE_YET;
  return adjust({ edits, metadata, known: { route: found } });
};

const NOWHERE_YET: Output = {};
