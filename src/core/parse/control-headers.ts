import { DEFAULT_CLUSTER_HEADER } from "../rules.ts";
import { isClients } from "../strip-list.ts";
import { type Found, find, findText } from "./find.ts";

/**
 * The names (lower case) of all headers that a decision writes, read from the document: those that tell Envoy where requests go, or
 * with `all` those that routes set as well. As the strip list has them once the document is parsed.
 */
export function outputHeaders(document: unknown, which: "targets" | "all"): ReadonlySet<string> {
  const written = ["pools.*.output.cluster_header", "pools.*.output.override_host", "virtual_hosts.*.routes.*.region.header"].flatMap(
    (pattern) => findText(document, pattern).map(({ value }) => value),
  );
  const regions = find(document, "virtual_hosts.*.routes.*.region").length > 0 ? ["region"] : [];
  const own = which === "all" ? find(document, "virtual_hosts.*.routes.*").flatMap(({ value }) => setNames(value)) : [];
  return new Set([DEFAULT_CLUSTER_HEADER, ...regions, ...written, ...own, ...sending(document)].map((name) => name.toLowerCase()));
}

const setNames = (route: unknown): readonly string[] =>
  find(route, "request.set.*")
    .map(({ path }) => String(path.at(-1)).toLowerCase())
    .filter((name) => !isClients(name));

/** What routes are sent by that they say themselves: Envoy obeys such a header on every route. */
const sending = (document: unknown): readonly string[] =>
  find(document, "virtual_hosts.*.routes.*.target")
    .filter(({ value }) => find(value, "allowed").length === 0)
    .flatMap(({ value }) => findText(value, "header").map(({ value: name }) => name));

/** The header that says a route's region, in lower case. */
export function regionHeader(route: Found): string | undefined {
  if (find(route.value, "region").length === 0) return undefined;
  return (findText(route.value, "region.header")[0]?.value ?? "region").toLowerCase();
}

/** The headers that a route gives a value, in lower case. */
export const setHeaders = (route: Found): ReadonlySet<string | undefined> =>
  new Set([regionHeader(route), ...find(route.value, "request.set.*").map(({ path }) => String(path.at(-1)).toLowerCase())]);

/** The names (lower case) of the headers that a customer is read from. */
export function sourceHeaders(document: unknown): readonly string[] {
  const written = findText(document, "customer.from.*.header").map(({ value }) => value.toLowerCase());
  return written.length > 0 ? written : ["x-customer-id"];
}
