import { z } from "zod";
import { parseDiscoveryKey, parseDiscoveryUrl, parseField, parseRegion } from "./discovery.ts";
import { parseDurationMs, parseGraceMs } from "./duration.ts";
import { choose, read, text } from "./schema.ts";

const duration = text(parseDurationMs);

/** What says where regions come from: one of these is written. */
const kinds = {
  url: text(parseDiscoveryUrl).optional().describe("A service: GET this, with {host}, {customer} or {header:NAME} in it."),
  table: z.record(z.string(), text(parseRegion)).optional().describe("A fixed table: key → region."),
  from: z.enum(["store"]).optional().describe("store: the hash riffle:region:NAME in Redis, key → region; NAME is this discovery's."),
};

const settings = {
  by: text(parseDiscoveryKey)
    .optional()
    .describe("What the keys of a table, here or in the store, are: host (the default), customer or header:NAME."),
  field: text(parseField).optional().describe("Where in the JSON object the region stands: region, or data.region. Default: region."),
  ttl: duration.optional().describe("For how long an answer is fresh. Default: 30s."),
  stale: read(z.string(), parseGraceMs).optional().describe("For how long after that it serves while it is asked for again. Default: 5m."),
  negative_ttl: duration.optional().describe("For how long it is remembered that there is no region. Default: 10s."),
  timeout: duration
    .optional()
    .describe("How long a request waits at most, retry included. Default: 200ms; for the store 25ms, and never longer."),
  max_entries: z.int().min(1).max(10_000_000).optional().describe("How many answers are remembered. Default: 100000."),
};

type Kind = keyof typeof kinds;

/** The kinds that a setting says anything about. */
const MEANT_FOR: Readonly<Record<keyof typeof settings, readonly Kind[]>> = {
  by: ["table", "from"],
  field: ["url"],
  ttl: ["url", "from"],
  stale: ["url", "from"],
  negative_ttl: ["url", "from"],
  timeout: ["url", "from"],
  max_entries: ["url", "from"],
};

/** Who knows regions. */
export const discovery = choose(kinds, settings).superRefine((written, context) => {
  const kind = (Object.keys(kinds) as Kind[]).find((key) => written[key] !== undefined);
  for (const key of Object.keys(settings) as (keyof typeof settings)[]) {
    const meant = MEANT_FOR[key];
    if (written[key] === undefined || kind === undefined || meant.includes(kind)) continue;
    context.addIssue({ code: "custom", path: [key], message: `goes with ${meant.join(" or ")}; remove it` });
  }
});
