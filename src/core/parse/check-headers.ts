import { DEFAULT_CLUSTER_HEADER, type Problem } from "../rules.ts";
import { findText, subject } from "./find.ts";
import { plainHeader } from "./header.ts";
import { show } from "./scalar.ts";

/** What says who asks is not what says where it goes: the strip list takes output headers, and their look-alikes, from every request. */
export function checkHeaders(document: unknown): readonly Problem[] {
  const outputs = findText(document, "pools.*.output.cluster_header").map(({ value }) => plainHeader(value));
  const inUse = new Set([DEFAULT_CLUSTER_HEADER, ...outputs]);
  return findText(document, "customer.from.*.header")
    .filter(({ value }) => inUse.has(plainHeader(value)))
    .map(({ path, value }) => ({
      path,
      message: `${subject(path)} ${show(value)} tells Envoy the target, and is stripped from requests; name another header`,
    }));
}
