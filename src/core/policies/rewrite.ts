import { editsOf } from "../changes.ts";
import type { Policy } from "../decide.ts";
import { looksAtRoute } from "../route-rules.ts";
import { adjust, answer, pass, type Wants } from "../verdict.ts";

/** The route's changes to the headers sent on, now that all is known that may stand in them; and whether its responses are looked at. */
export const rewrite: Policy = (exchange, { version }) => {
  const { route } = exchange.known;
  if (route === undefined) return pass;
  const wants = looksAtRoute(route) ? RESPONSE : undefined;
  if (route.request.length === 0) return wants === undefined ? pass : adjust({ wants });
  const { edits, misfit } = editsOf(route.request, { exchange, version });
  return misfit === undefined ? adjust({ edits, wants }) : answer(400, misfit);
};

const RESPONSE: Wants = { responseHeaders: true };
