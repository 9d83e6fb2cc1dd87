import { editsOf } from "../changes.ts";
import type { Policy } from "../decide.ts";
import { adjust, pass } from "../verdict.ts";

/** The route's changes to the headers that come back. What cannot stand in a header is left out, for the response is good. */
export const stamp: Policy = (exchange, { version }) => {
  const { route } = exchange.known;
  if (route === undefined || route.response.length === 0) return pass;
  const { edits } = editsOf(route.response, { exchange, version });
  return adjust({ edits });
};
