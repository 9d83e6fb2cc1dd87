import type { Problem } from "../rules.ts";
import { DEFAULT_TIMEOUT_MS, MAX_STORE_MS } from "./build-discovery.ts";
import { parseDurationMs } from "./duration.ts";
import { type Found, find, findText, subject } from "./find.ts";
import { show } from "./scalar.ts";
import { suggest } from "./suggest.ts";

/** Regions: the fallback is one of those allowed, and whoever is asked is asked in time. */
export const checkRegions = (document: unknown): readonly Problem[] => [
  ...find(document, "virtual_hosts.*.routes.*.region").flatMap(checkFallback),
  ...checkTimeouts(document),
];

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
