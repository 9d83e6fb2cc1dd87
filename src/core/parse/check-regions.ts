import { toByteString } from "../bytes.ts";
import { MAX_CUSTOMER_BYTES, type Problem } from "../rules.ts";
import { hasControl } from "../template.ts";
import { DEFAULT_TIMEOUT_MS, MAX_STORE_MS } from "./build-discovery.ts";
import { sourceHeaders } from "./control-headers.ts";
import { parseDurationMs } from "./duration.ts";
import { type Found, find, findText, subject } from "./find.ts";
import { parseHostname } from "./names.ts";
import { show } from "./scalar.ts";
import { suggest } from "./suggest.ts";

/** Regions: the fallback is one of those allowed, and whoever is asked is asked in time. */
export const checkRegions = (document: unknown): readonly Problem[] => [
  ...find(document, "virtual_hosts.*.routes.*.region").flatMap(checkFallback),
  ...checkHeader(document),
  ...checkTables(document),
  ...checkTimeouts(document),
];

/** Where no source is written, none complains of the region that takes its place. */
function checkHeader(document: unknown): readonly Problem[] {
  if (findText(document, "customer.from.*.header").length > 0) return [];
  const [source] = sourceHeaders(document);
  return findText(document, "virtual_hosts.*.routes.*.region.header")
    .filter(({ value }) => value.toLowerCase() === source)
    .map(({ path, value }) => ({ path, message: `${subject(path)} ${show(value)} says whose request it is; name another header` }));
}

/** Keys of tables that a request could have. */
const checkTables = (document: unknown): readonly Problem[] =>
  find(document, "discovery.*").flatMap((discovery) => {
    const by = findText(discovery.value, "by")[0]?.value ?? "host";
    const keys = find(discovery.value, "table.*").filter(({ path }) => typeof path.at(-1) === "string");
    const seen = new Set<string>();
    return keys.flatMap(({ path }) => {
      const key = String(path.at(-1));
      const why = by === "host" ? whyNoHost(key, seen) : whyNoKey(key);
      return why === undefined ? [] : [{ path: [...discovery.path, ...path], at: "key", message: `${show(key)} ${why}` }];
    });
  });

/** Hosts are looked up without their port, in any letter case. */
function whyNoHost(key: string, seen: Set<string>): string | undefined {
  if ("why" in parseHostname(key) || key === "__proto__") return "is not a host; write one such as api.example.com, without port";
  return seen.size === seen.add(key.toLowerCase()).size ? "is a key already, in other letter case; remove one of the two" : undefined;
}

function whyNoKey(key: string): string | undefined {
  if (key === "" || key === "__proto__" || !key.isWellFormed() || hasControl(key)) return "is nothing that a request could say; remove it";
  return toByteString(key).length > MAX_CUSTOMER_BYTES
    ? `is longer than ${MAX_CUSTOMER_BYTES} bytes, and so never looked up; remove it`
    : undefined;
}

function checkFallback(region: Found): readonly Problem[] {
  const allowed = findText(region.value, "allowed.*").map(({ value }) => value);
  return findText(region.value, "fallback")
    .filter(({ value }) => allowed.length > 0 && !allowed.includes(value))
    .map(({ path, value }) => ({
      path: [...region.path, ...path],
      message: `${subject(path)} ${show(value)} is not among allowed; ${suggest(value, allowed)}`,
    }));
}

const DEFAULT_MESSAGE_TIMEOUT_MS = 500;

/** A reply that is late is no reply. riffle answers at 80 % of Envoy's patience at the latest. */
function checkTimeouts(document: unknown): readonly Problem[] {
  const [messageTimeout] = findText(document, "envoy.message_timeout");
  const patience = Math.floor(0.8 * (read(messageTimeout) ?? DEFAULT_MESSAGE_TIMEOUT_MS));
  return find(document, "discovery.*").flatMap((asked) => {
    const kind = (["url", "from"] as const).find((key) => find(asked.value, key).length > 0);
    if (kind === undefined) return [];
    const [written] = findText(asked.value, "timeout");
    const timeout = written === undefined ? DEFAULT_TIMEOUT_MS[kind] : read(written);
    const why = timeout === undefined ? undefined : tooLong(timeout, kind, patience);
    if (why === undefined) return [];
    const path = written === undefined ? asked.path : [...asked.path, ...written.path];
    return [{ path, message: `timeout is ${timeout}ms, and ${why}; shorten it` }];
  });
}

function tooLong(timeoutMs: number, kind: "url" | "from", patienceMs: number): string | undefined {
  if (timeoutMs > patienceMs) return `riffle answers within ${patienceMs}ms (80 % of envoy.message_timeout)`;
  return kind === "from" && timeoutMs > MAX_STORE_MS ? `nothing waits longer for the store than ${MAX_STORE_MS}ms` : undefined;
}

/** Milliseconds; undefined for what the schema refuses. */
function read(written: (Found & { readonly value: string }) | undefined): number | undefined {
  const parsed = written && parseDurationMs(written.value);
  return parsed !== undefined && "value" in parsed ? parsed.value : undefined;
}
