import type { Policy } from "../decide.ts";
import type { Exchange, Headers } from "../exchange.ts";
import type { Edits } from "../output.ts";
import type { CustomerSource, Rules } from "../rules.ts";
import { type Answer, adjust, answer, pass } from "../verdict.ts";

/** What `missing: anonymous` calls everybody without a name; no source may yield it. */
export const ANONYMOUS = "anonymous";

const MAX_BYTES = 256; // a longer id would not fit a key of the store

/** Finds out whose request it is, on routes that need to know: the first source that yields a value wins. */
export const customer: Policy = ({ headers, known: { route } }: Exchange, { rules }) => {
  if (route?.target.kind !== "pool") return pass;
  const { from, missing } = rules.customer;
  // Some readers of a repeated header take its first line, others all of them: whose request would it be? Identity rule HS5.
  if (from.some(({ header }) => headers.all(header).length > 1)) return refuse("repeated customer header");
  const found = firstValue(headers, from) ?? (missing === "anonymous" ? ANONYMOUS : undefined);
  if (found === undefined) return missing === "reject" ? refuse("no customer") : adjust({ edits: publish(undefined, headers, rules) });
  if (found.length > MAX_BYTES) return refuse("customer id too long");
  return adjust({ known: { customer: found, pool: route.target.pool }, edits: publish(found, headers, rules) });
};

const refuse = (why: string): Answer => answer(400, why);

function firstValue(headers: Headers, from: readonly CustomerSource[]): string | undefined {
  for (const { header } of from) {
    const value = headers.get(header);
    if (value !== undefined && value !== "" && value !== ANONYMOUS) return value;
  }
  return undefined;
}

/** Every listed header says the same to the upstream: the result, or nothing (identity rule HS3). One that says so already stays. */
function publish(found: string | undefined, headers: Headers, { customer: { from } }: Rules): Edits {
  return from.filter(({ header }) => headers.get(header) !== found).map(({ header }) => ({ name: header, value: found }));
}
