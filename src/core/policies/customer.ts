import { ANONYMOUS, isName } from "../customer-of.ts";
import type { Policy } from "../decide.ts";
import type { Exchange, Headers } from "../exchange.ts";
import type { Edits } from "../output.ts";
import type { HeaderChange, Route } from "../route-rules.ts";
import { type CustomerSource, MAX_CUSTOMER_BYTES } from "../rules.ts";
import { mentions } from "../template.ts";
import { type Answer, adjust, answer, pass } from "../verdict.ts";

/** Finds out whose request it is, on routes that need to know: the first source that yields a value wins. */
export const customer: Policy = ({ headers, known: { route } }: Exchange, { rules }) => {
  if (route === undefined || !needsCustomer(route)) return pass;
  const { from, missing } = rules.customer;
  const given = readSources(from, headers);
  if (given === REPEATED) return refuse("repeated customer header");
  const found = given.find(isName) ?? (missing === "anonymous" ? ANONYMOUS : undefined);
  if (found === undefined && missing === "reject") return refuse("no customer");
  if (found !== undefined && found.length > MAX_CUSTOMER_BYTES) return refuse("customer id too long");
  const edits = publish(found, from, given);
  return found === undefined ? adjust({ edits }) : adjust({ edits, known: { customer: found } });
};

/** What a route does depends on whose request it is. */
const needsCustomer = ({ target, region, request, response }: Route): boolean =>
  target.kind === "pool" ||
  target.kind === "split" ||
  region?.discovery.key.kind === "customer" ||
  request.some(isAboutCustomer) ||
  response.some(isAboutCustomer) ||
  (target.kind === "redirect" && target.path !== undefined && mentions(target.path, "customer"));

const isAboutCustomer = ({ value }: HeaderChange): boolean => mentions(value, "customer");

/** What each source says, by its place in the rules. */
type Given = readonly (string | undefined)[];

/** Some readers of a repeated header take its first line, others all of them: whose request would it be? Identity rule HS5. */
const REPEATED: Given = [];

function readSources(from: readonly CustomerSource[], headers: Headers): Given {
  const given: (string | undefined)[] = [];
  for (const { header } of from) {
    const lines = headers.all(header);
    if (lines.length > 1) return REPEATED;
    given.push(lines[0]);
  }
  return given;
}

const refuse = (why: string): Answer => answer(400, why);

/** Every listed header says the same to the upstream: the result, or nothing (identity rule HS3). One that says so already stays. */
function publish(found: string | undefined, from: readonly CustomerSource[], given: Given): Edits {
  if (given.every((value) => value === found)) return NONE;
  return from.filter((_, source) => given[source] !== found).map(({ header }) => ({ name: header, value: found }));
}

const NONE: Edits = [];
