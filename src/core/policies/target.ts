import { editsOf } from "../changes.ts";
import type { Policy } from "../decide.ts";
import type { Headers } from "../exchange.ts";
import { partOf } from "../match/share.ts";
import type { Edits } from "../output.ts";
import { locationOf } from "../redirect.ts";
import type { Destination, HeaderTarget } from "../route-rules.ts";
import type { Scope } from "../template.ts";
import { type Answer, adjust, answer, pass, type Verdict } from "../verdict.ts";

/** Where the route sends the exchange: on to `shard` with its pool, to a cluster, or back to the client. */
export const target: Policy = (exchange, { version }) => {
  const { route } = exchange.known;
  if (route === undefined) return pass;
  const to = route.target;
  switch (to.kind) {
    case "pool":
    case "cluster":
      return sendTo(to, exchange.known.customer);
    case "split":
      return sendTo(partOf(to, route.name, exchange), exchange.known.customer);
    case "header":
      return obey(to, exchange.headers);
    case "redirect": {
      const location = locationOf(to, { exchange, version });
      if ("misfit" in location) return answer(400, location.misfit);
      return respond({ status: to.status, why: "redirect", headers: [{ name: "location", value: location.text }] }, { exchange, version });
    }
    case "direct_response":
      return respond({ status: to.status, why: "direct response", body: to.body }, { exchange, version });
  }
};

/** Without a customer there is no shard, and `missing: pass` leaves it to Envoy. */
function sendTo(to: Destination, customer: string | undefined): Verdict {
  if (to.kind === "cluster") return adjust(to.output);
  return customer === undefined ? pass : adjust({ known: { pool: to.pool } });
}

/**
 * A header that the route itself sets needs nothing more; of one that clients send, only the allowed values are obeyed. One that is
 * repeated says nothing: of its readers, some take the first line and some the last.
 */
function obey({ header, allowed }: HeaderTarget, headers: Headers): Verdict {
  if (allowed === undefined) return pass;
  const [value = "", ...more] = headers.all(header);
  const output = more.length === 0 ? allowed.get(value) : undefined;
  return output === undefined ? answer(400, "no such target") : adjust(output);
}

interface Response {
  readonly status: number;
  readonly why: string;
  readonly headers?: Edits;
  readonly body?: Uint8Array | undefined;
}

/** An answer of the route's own gets its response headers, too; there will be no response phase to do it. */
function respond({ status, why, headers = [], body }: Response, scope: Scope): Answer {
  const changes = scope.exchange.known.route?.response ?? [];
  return answer(status, why, { headers: [...headers, ...editsOf(changes, scope).edits], ...(body && { body }) });
}
