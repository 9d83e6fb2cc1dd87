import { DEFAULT_CLUSTER_HEADER, type Problem, RIFFLE_CLUSTER } from "../rules.ts";
import { formatTcp, isIp, parsePeer } from "./address.ts";
import { type Found, find, findText, subject } from "./find.ts";
import { show } from "./scalar.ts";

/** Whether a pool as written tells Envoy hosts (override_host, metadata), and so is one cluster of its name. */
export const tellsHosts = (pool: unknown): boolean => KINDS.some((kind) => find(pool, `output.${kind}`).length > 0);

const KINDS = ["override_host", "metadata"];

/** A pool that is one Envoy cluster: its name is no other cluster's, its hosts are known as Envoy writes them, its header says nothing else. */
export function checkOutputs(document: unknown): readonly Problem[] {
  const pools = find(document, "pools.*").filter(({ value }) => tellsHosts(value));
  if (pools.length === 0) return [];
  return [...checkPoolNames(document, pools), ...pools.flatMap(checkHosts), ...checkListHeaders(document)];
}

function checkPoolNames(document: unknown, pools: readonly Found[]): readonly Problem[] {
  const taken = new Map([[RIFFLE_CLUSTER, "riffle's own cluster"]]);
  for (const { path } of find(document, "clusters.*")) taken.set(String(path.at(-1)), "a cluster");
  for (const { value } of findText(document, "pools.*.targets.*.id")) taken.set(value, "a target");
  return pools.flatMap(({ path }) => {
    const name = String(path.at(-1));
    const other = taken.get(name);
    if (other === undefined) return [];
    return [{ path, at: "key", message: `${show(name)} is the name of ${other} already, and this pool is one Envoy cluster; rename it` }];
  });
}

/** Envoy looks a listed host up by the text of its address, so two targets may not share one. */
function checkHosts(pool: Found): readonly Problem[] {
  const seen = new Map<string, string>();
  return find(pool.value, "targets.*").flatMap((target): readonly Problem[] => {
    const path = [...pool.path, ...target.path];
    const id = show(findText(target.value, "id")[0]?.value);
    const [written] = find(target.value, "address");
    if (written === undefined)
      return [{ path, message: `target ${id} has no address, and Envoy is told hosts; write its IP address and port` }];
    const parsed = typeof written.value === "string" ? parsePeer(written.value) : undefined;
    if (parsed === undefined || "why" in parsed) return []; // the schema says so
    const why = whyNoHost(parsed.value.host);
    const at = [...path, "address"];
    if (why !== undefined) return [{ path: at, message: `${subject(at)} ${show(written.value)} ${why}` }];
    const host = formatTcp(parsed.value);
    const other = seen.get(host);
    seen.set(host, id);
    return other === undefined
      ? []
      : [{ path: at, message: `${subject(at)} ${show(host)} is that of ${other} already; a host is one target` }];
  });
}

/** IPv6 that holds an IPv4 address has two spellings, and Envoy's is the one with dots. */
function whyNoHost(host: string): string | undefined {
  if (!isIp(host)) return "is no IP address, and Envoy compares hosts by theirs; write one such as 127.0.0.1:8080";
  return /^::(?:ffff:)?[0-9a-f]+:[0-9a-f]+$/.test(host) ? "holds an IPv4 address; write that one" : undefined;
}

/** A header cannot name clusters and list hosts. */
function checkListHeaders(document: unknown): readonly Problem[] {
  const clusters = findText(document, "pools.*.output.cluster_header").map(({ value }) => value.toLowerCase());
  const taken = new Set([DEFAULT_CLUSTER_HEADER, ...clusters]);
  return findText(document, "pools.*.output.override_host")
    .filter(({ value }) => taken.has(value.toLowerCase()))
    .map(({ path, value }) => ({ path, message: `${subject(path)} ${show(value)} names clusters already; choose another header` }));
}
