import type { Policy } from "../decide.ts";
import type { Exchange } from "../exchange.ts";
import type { Edits } from "../output.ts";
import { type Answer, adjust, answer, pass } from "../verdict.ts";

/** What `missing: anonymous` calls everybody without a name; no source may yield it. */
export const ANONYMOUS = "anonymous";

const MAX_BYTES = 256; // a longer id would not fit a key of the store

/** Finds out whose request it is, on routes that need to know: the first source that yields a value wins. */
export const customer: Policy = ({ headers, known: { route } }: Exchange, { rules }) => {
  if (route?.target.kind !== "pool") return pass;
  const { from, missing } = rules.customer;
  const sources = from.map(({ header }) => ({ header, lines: headers.all(header) }));
  // Some readers of a repeated header take its first line, others all of them: whose request would it be? Identity rule HS5.
  if (sources.some(({ lines }) => lines.length > 1)) return refuse("repeated customer header");
  const found = firstValue(sources) ?? (missing === "anonymous" ? ANONYMOUS : undefined);
  if (found === undefined) return missing === "reject" ? refuse("no customer") : adjust({ edits: publish(undefined, sources) });
  if (found.length > MAX_BYTES) return refuse("customer id too long");
  return adjust({ known: { customer: found, pool: route.target.pool }, edits: publish(found, sources) });
};

/** A header that may name the customer, with its lines in this request: one at most. */
interface Source {
  readonly header: string;
  readonly lines: readonly string[];
}

const refuse = (why: string): Answer => answer(400, why);

function firstValue(sources: readonly Source[]): string | undefined {
  return sources.map(({ lines }) => lines[0]).find((value) => value !== undefined && value !== "" && value !== ANONYMOUS);
}

/** Every listed header says the same to the upstream: the result, or nothing (identity rule HS3). One that says so already stays. */
function publish(found: string | undefined, sources: readonly Source[]): Edits {
  return sources.filter(({ lines }) => lines[0] !== found).map(({ header }) => ({ name: header, value: found }));
}
