import { DEFAULT_CLUSTER_HEADER } from "../rules.ts";
import { find, findText } from "./find.ts";

/**
 * The names (lower case) of all headers that a decision writes, read from the document: those that tell Envoy where requests go, or
 * with `all` those that routes set as well. As the strip list has them once the document is parsed.
 */
export function outputHeaders(document: unknown, which: "targets" | "all"): ReadonlySet<string> {
  const written = ["pools.*.output.cluster_header", "pools.*.output.override_host", "virtual_hosts.*.routes.*.region.header"].flatMap(
    (pattern) => findText(document, pattern).map(({ value }) => value),
  );
  const regions = find(document, "virtual_hosts.*.routes.*.region").length > 0 ? ["region"] : [];
  const set = which === "all" ? find(document, "virtual_hosts.*.routes.*.request.set.*").map(({ path }) => String(path.at(-1))) : [];
  return new Set([DEFAULT_CLUSTER_HEADER, ...regions, ...written, ...set].map((name) => name.toLowerCase()));
}

/** The names (lower case) of the headers that a customer is read from. */
export function sourceHeaders(document: unknown): readonly string[] {
  const written = findText(document, "customer.from.*.header").map(({ value }) => value.toLowerCase());
  return written.length > 0 ? written : ["x-customer-id"];
}
