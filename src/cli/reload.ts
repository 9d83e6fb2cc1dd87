import { isDeepStrictEqual } from "node:util";
import type { ListenRules, Rules } from "../core/rules.ts";
import type { Reloaded } from "../serve/admin.ts";
import type { RulesFile } from "../store/rules-file.ts";
import type { Log } from "../trace/log.ts";

/** What asks for a reload. */
export type Trigger = "the file changed" | "SIGHUP" | "POST /reload";

export interface ReloaderOptions {
  /** Never rejects. */
  readonly read: () => Promise<RulesFile>;
  /** Puts rules into force; not called for those that are. */
  readonly apply: (rules: Rules) => Promise<void>;
  readonly started: { readonly rules: Rules; readonly warnings: readonly string[] }; // in force, and logged, at first
  readonly now: () => number; // wall clock, ms since 1970
  readonly log: Pick<Log, "info" | "warn" | "error">;
}

/**
 * Reads the rules anew when asked, and puts them into force if they are good; the last good ones stay otherwise. One reload at a time:
 * who asks during one is told of the next, which all others who ask meanwhile share.
 */
export class Reloader {
  readonly #options: ReloaderOptions;
  #version: string;
  #sinceMs: number;
  #last: Reloaded | undefined;
  #running: Promise<Reloaded> | undefined;
  #waiting: Promise<Reloaded> | undefined;
  #said: string; // problems or warnings, as they were last logged

  constructor(options: ReloaderOptions) {
    this.#options = options;
    this.#version = options.started.rules.hash;
    this.#said = options.started.warnings.join("\n");
    this.#sinceMs = options.now();
  }

  /** What is in force since when, and what came of the last reload. */
  get standing(): { readonly version: string; readonly sinceMs: number; readonly reloaded: Reloaded | undefined } {
    return { version: this.#version, sinceMs: this.#sinceMs, reloaded: this.#last };
  }

  /** Resolves with what came of a reload that began after this call. Never rejects. */
  reload(trigger: Trigger): Promise<Reloaded> {
    if (this.#waiting !== undefined) return this.#waiting;
    if (this.#running === undefined) return this.#start(trigger);
    this.#waiting = this.#running.then(() => {
      this.#waiting = undefined;
      return this.#start(trigger);
    });
    return this.#waiting;
  }

  #start(trigger: Trigger): Promise<Reloaded> {
    this.#running = this.#run(trigger).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(trigger: Trigger): Promise<Reloaded> {
    const begun = performance.now();
    const result = await this.#readAndApply();
    const { now } = this.#options;
    const reloaded = { ...result, trigger, version: this.#version, atMs: now(), tookMs: performance.now() - begun };
    this.#last = reloaded;
    this.#log(reloaded);
    return reloaded;
  }

  async #readAndApply(): Promise<Pick<Reloaded, "outcome" | "problems" | "warnings">> {
    const { read, apply, started, now } = this.#options;
    try {
      const file = await read();
      if ("problems" in file) return { outcome: "failed", problems: file.problems, warnings: [] };
      const { rules } = file;
      const good = { problems: [], warnings: [...file.warnings, ...warnOfRestart(started.rules.listen, rules.listen)] };
      if (rules.hash === this.#version) return { outcome: "unchanged", ...good };
      await apply(rules);
      this.#version = rules.hash;
      this.#sinceMs = now();
      return { outcome: "applied", ...good };
    } catch (cause) {
      this.#options.log.error({ err: cause }, "a reload broke");
      const why = cause instanceof Error ? cause.message : String(cause);
      return { outcome: "failed", problems: [`internal error, please report it: ${why}`], warnings: [] };
    }
  }

  /** Problems and warnings once: a file that stays as it is may be read many times. */
  #log({ outcome, trigger, version, problems, warnings, tookMs }: Reloaded): void {
    const { log } = this.#options;
    const lines = outcome === "failed" ? problems : warnings;
    const isNews = this.#said !== lines.join("\n");
    this.#said = lines.join("\n");
    if (outcome === "failed") {
      if (isNews) log.error({ trigger, version, problems: atMost(lines) }, "reload failed: the last good rules stay in force");
      return;
    }
    if (isNews) for (const line of atMost(lines)) log.warn(line);
    log.info({ trigger, version, ms: Math.round(tookMs) }, outcome === "applied" ? "reloaded" : "reload: nothing has changed");
  }
}

/** Lines of one log entry; `/ready` has all of them. */
const MAX_LINES = 20;

const atMost = (lines: readonly string[]): readonly string[] =>
  lines.length > MAX_LINES ? [...lines.slice(0, MAX_LINES), `and ${lines.length - MAX_LINES} more`] : lines;

const LISTEN_KEYS: Readonly<Record<keyof ListenRules, string>> = {
  grpc: "grpc",
  admin: "admin",
  transport: "transport",
  maxConnectionAgeMs: "max_connection_age",
};

/** What a process keeps as it began. */
function warnOfRestart(before: ListenRules, after: ListenRules): readonly string[] {
  return (Object.keys(LISTEN_KEYS) as (keyof ListenRules)[])
    .filter((key) => !isDeepStrictEqual(before[key], after[key]))
    .map((key) => `listen.${LISTEN_KEYS[key]} has changed: that needs a restart, all else is in force`);
}
