import { toByteString } from "../bytes.ts";
import type { DiscoveryRules } from "../rules.ts";
import type { Shape } from "./shape.ts";

type DiscoveryShape = Shape["discovery"][string];

/** Who knows regions, from a document that has no problems. */
export function buildDiscovery(name: string, written: DiscoveryShape): DiscoveryRules {
  const { url: asked, table = {}, by = { kind: "host" } } = written;
  if (asked === undefined) {
    const entries = Object.entries(table).map(([key, region]) => [keyOf(key, by.kind), region] as const);
    return { name, key: by, source: { kind: "table", table: new Map(entries) } };
  }
  const { field = ["region"], ttl = 30_000, stale = 300_000, negative_ttl = 10_000, timeout = DEFAULT_TIMEOUT_MS } = written;
  return {
    name,
    key: asked.key,
    source: {
      kind: "service",
      url: asked.url,
      field,
      ttlMs: ttl,
      staleMs: stale,
      negativeTtlMs: negative_ttl,
      timeoutMs: timeout,
      maxEntries: written.max_entries ?? 100_000,
    },
  };
}

/** For how long a request waits for a region where the file does not say. */
export const DEFAULT_TIMEOUT_MS = 200;

/** Hosts are looked up in lower case. */
const keyOf = (key: string, kind: DiscoveryRules["key"]["kind"]): string => toByteString(kind === "host" ? key.toLowerCase() : key);
