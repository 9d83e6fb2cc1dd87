import { toByteString } from "../bytes.ts";
import type { AskRules, DiscoveryRules } from "../route-rules.ts";
import type { StoreRules } from "../rules.ts";
import type { Shape } from "./shape.ts";

type DiscoveryShape = Shape["discovery"][string];

/** Who knows regions, from a document that has no problems. */
export function buildDiscovery(name: string, written: DiscoveryShape, store: StoreRules | undefined): DiscoveryRules {
  const { url: asked, from, table = {}, by = { kind: "host" }, field = ["region"] } = written;
  if (asked !== undefined) {
    return { name, key: asked.key, source: { kind: "service", url: asked.url, field, ...buildAsk(written, DEFAULT_TIMEOUT_MS.url) } };
  }
  if (from !== undefined && store !== undefined) {
    return { name, key: by, source: { kind: "store", redis: store.redis, ...buildAsk(written, DEFAULT_TIMEOUT_MS.from) } };
  }
  const entries = Object.entries(table).map(([key, region]) => [keyOf(key, by.kind), region] as const);
  return { name, key: by, source: { kind: "table", table: new Map(entries) } };
}

function buildAsk(written: DiscoveryShape, defaultTimeoutMs: number): AskRules {
  const { ttl = 30_000, stale = 300_000, negative_ttl = 10_000, timeout = defaultTimeoutMs, max_entries = 100_000 } = written;
  return { ttlMs: ttl, staleMs: stale, negativeTtlMs: negative_ttl, timeoutMs: timeout, maxEntries: max_entries };
}

/** Nothing waits longer for the store. */
export const MAX_STORE_MS = 25;

/** For how long a request waits for a region where the file does not say, by what a discovery has. */
export const DEFAULT_TIMEOUT_MS = { url: 200, from: MAX_STORE_MS } as const;

/** Hosts are looked up in lower case. */
const keyOf = (key: string, kind: DiscoveryRules["key"]["kind"]): string => toByteString(kind === "host" ? key.toLowerCase() : key);
