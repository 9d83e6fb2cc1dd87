import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseDocument } from "yaml";
import { FAREWELL_MS } from "../src/store/farewell.ts";
import { GRACE_MS, CALM_MS as STORE_CALM_MS } from "../src/store/redis/reach.ts";
import { MAX_IN_FLIGHT, MAX_LATE, WAIT_MS } from "../src/store/redis.ts";
import { MAX_CONNECTIONS, MAX_REPLY_BYTES } from "../src/store/regions/http.ts";
import { FAILURE_MS } from "../src/store/regions/memory.ts";
import { RETRY_FLOOR } from "../src/store/regions/retry-budget.ts";
import { MAX_CALLS, MAX_WAITING } from "../src/store/regions/service.ts";
import { CALM_MS } from "../src/store/regions/standing.ts";
import { rulesOf } from "./support/rules.ts";

const page = readFileSync(join(import.meta.dirname, "..", "docs", "regions.md"), "utf8");
const [example = ""] = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = ""]) => text);

test("the example of regions is a whole file", () => {
  const [route] = rulesOf(parseDocument(example).toJS()).virtualHosts[0]?.routes ?? [];
  expect(route?.region).toMatchObject({ discovery: { name: "main" }, fallback: "us-east" });
});

test("the defaults of a discovery are those that the page names", () => {
  const source = rulesOf(parseDocument(example).toJS()).discovery.get("main")?.source;
  expect(source).toMatchObject({ field: ["region"], ttlMs: 30_000, staleMs: 300_000, negativeTtlMs: 10_000, timeoutMs: 200 });
  expect(source).toMatchObject({ maxEntries: 100_000 });
  for (const row of ["`ttl` | 30s", "`stale` | 5m", "`negative_ttl` | 10s", "`timeout` | 200ms", "`max_entries` | 100000"])
    expect(page).toContain(row);
});

test("the bounds of a discovery service are those that the page names", () => {
  const numbers = [MAX_CONNECTIONS, MAX_IN_FLIGHT, MAX_CALLS, MAX_WAITING, MAX_REPLY_BYTES / 1024, RETRY_FLOOR].map((n) =>
    n.toLocaleString("en"),
  );
  const bounds = page.slice(page.indexOf("## Bounds")).matchAll(/(?<![.\w])\d[\d,]*/g);
  expect([...bounds].map(([number]) => number)).toEqual(numbers);
  expect([FAILURE_MS, CALM_MS]).toEqual([1_000, 5_000]);
});

test("what holds of a table in the store is what the page says", () => {
  const source = rulesOf(parseDocument(example).toJS()).discovery.get("cells")?.source;
  expect(source).toMatchObject({ kind: "store", ttlMs: 5_000, timeoutMs: 25 });
  expect([WAIT_MS, MAX_LATE, GRACE_MS, STORE_CALM_MS, FAREWELL_MS]).toEqual([25, 3, 500, 2_000, 10_000]);
  for (const words of ["25 ms at most", "three in a row", "half a second", "two good seconds", "open for 10 s", "store: 25ms"])
    expect(page).toContain(words);
});
