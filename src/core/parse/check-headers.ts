import type { Problem } from "../rules.ts";
import { isStripped, stripList } from "../strip-list.ts";
import { findText, subject } from "./find.ts";
import { parseHeaderName } from "./header.ts";
import { show } from "./scalar.ts";

/** What is stripped from every request can tell nobody's customer: control headers in use, and what is never a client's to say. */
export function checkHeaders(document: unknown): readonly Problem[] {
  const written = ["pools.*.output.cluster_header", "pools.*.output.override_host"].flatMap((pattern) => findText(document, pattern));
  const outputs = new Set(written.map(({ value }) => value.toLowerCase()));
  return findText(document, "customer.from.*.header")
    .filter(({ value }) => "value" in parseHeaderName(value)) // one complaint a header
    .filter(({ value }) => outputs.has(value.toLowerCase()) || isStripped(ALWAYS, value))
    .map(({ path, value }) => ({
      path,
      message: `${subject(path)} ${show(value)} is stripped from every request, as no client's to say; name another header`,
    }));
}

/** What is stripped whatever the rules are. */
const ALWAYS = stripList({ pools: new Map(), customer: { from: [{ header: "x-customer-id" }], missing: "reject" } });
