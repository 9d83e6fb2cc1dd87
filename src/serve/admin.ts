import type { Page, Pages } from "./admin-server.ts";

/** What came of reading the rules anew. */
export interface Reloaded {
  readonly outcome: "applied" | "unchanged" | "failed"; // failed: what was in force stays so
  readonly trigger: string;
  readonly version: string; // in force from then on
  readonly atMs: number; // wall clock, ms since 1970
  readonly tookMs: number;
  readonly problems: readonly string[]; // why it failed, a line each
  readonly warnings: readonly string[];
}

/** How this process is doing. */
export interface Standing {
  readonly phase: "starting" | "serving" | "draining";
  readonly version: string; // in force
  readonly sinceMs: number; // wall clock, ms since 1970
  readonly reloaded: Reloaded | undefined; // the last time; undefined: never
}

export interface AdminOptions {
  readonly standing: () => Standing;
  /** Reads the rules anew; never rejects. */
  readonly reload: () => Promise<Reloaded>;
}

/** What the admin listener answers: `/live`, `/ready` and `POST /reload`. */
export const adminPages = ({ standing, reload }: AdminOptions): Pages =>
  new Map([
    ["/live", { GET: () => ({ status: 200, body: "ok\n" }) }],
    ["/ready", { GET: () => showStanding(standing()) }],
    ["/reload", { POST: async () => showReload(await reload()) }],
  ]);

function showStanding({ phase, version, sinceMs, reloaded }: Standing): Page {
  const isReady = phase === "serving";
  const reload = reloaded === undefined ? null : toJson(reloaded);
  return { status: isReady ? 200 : 503, body: { ready: isReady, phase, version, since: toIso(sinceMs), reload } };
}

const showReload = (reloaded: Reloaded): Page => ({ status: reloaded.outcome === "failed" ? 422 : 200, body: toJson(reloaded) });

const toJson = ({ outcome, trigger, version, atMs, tookMs, problems, warnings }: Reloaded): object => ({
  ok: outcome !== "failed",
  outcome,
  trigger,
  version,
  at: toIso(atMs),
  took_ms: Math.round(tookMs),
  problems,
  warnings,
});

const toIso = (ms: number): string => new Date(ms).toISOString();
