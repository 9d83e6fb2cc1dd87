import type { Policy } from "../decide.ts";
import { adjust, answer } from "../verdict.ts";

/** Chooses the route; a route to a fixed cluster says where the exchange goes at once, a pool leaves it to `shard`. */
export const route: Policy = ({ headers }, { router }) => {
  const found = router.find(headers);
  if (found === undefined) return answer(404, "no route");
  return adjust({ known: { route: found }, ...(found.target.kind === "cluster" ? found.target.output : {}) });
};
