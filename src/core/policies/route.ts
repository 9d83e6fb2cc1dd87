import type { Policy } from "../decide.ts";
import { adjust, answer } from "../verdict.ts";

/** Chooses the route; `target` says where it leads, once it is known whose request it is. */
export const route: Policy = ({ headers }, { router }) => {
  const found = router.find(headers);
  return found === undefined ? answer(404, "no route") : adjust({ known: { route: found } });
};
