import { homedir } from "node:os";
import { join } from "node:path";
import { Snapshot } from "../core/snapshot.ts";
import { EnvoyMissing, findEnvoy } from "../store/envoy-binary.ts";
import { type Fleet, startFleet } from "./demo/fleet.ts";
import { instructions, liveView, trialTable } from "./demo/screen.ts";
import { runTrial, TRIAL_REQUESTS } from "./demo/trial.ts";
import { UserError } from "./user-error.ts";

const REDRAW_MS = 500;

/** Runs the main job where everybody can watch: until Ctrl-C, or with `exit` for 2,000 requests that must all go right. */
export async function demo({ exit }: { readonly exit?: true }): Promise<void> {
  const interrupted = new Promise<"interrupted">((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve("interrupted"));
  });
  const fleet = await startFleet(await locateEnvoy());
  try {
    if (exit) await Promise.race([prove(fleet), interrupted.then(() => undefined)]);
    else await watch(fleet, interrupted);
  } finally {
    await fleet.stop();
  }
}

async function locateEnvoy(): Promise<string> {
  const say = (line: string): void => void process.stderr.write(`riffle: ${line}\n`);
  try {
    return await findEnvoy({ env: process.env, cacheDir: cacheFolder(), say });
  } catch (cause) {
    throw cause instanceof EnvoyMissing ? new UserError(cause.message) : cause;
  }
}

/** In a checkout its own ignored folder; for an installed package, which may be read-only, the user's cache. */
function cacheFolder(): string {
  const home = join(import.meta.dirname, "..", "..");
  return import.meta.dirname.includes("node_modules")
    ? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "riffle")
    : join(home, ".cache");
}

/** Sends the trial's requests, prints who served whom, and throws when one of them went wrong. */
async function prove({ port, rules, backends }: Fleet): Promise<void> {
  const pool = new Snapshot(rules).pools.get("backends");
  if (pool === undefined) throw new Error("the demo's rules have no pool");
  const trials = await runTrial(port, pool);
  process.stdout.write(trialTable(trials, backends));
  const sum = (of: "failed" | "strayed" | "forgedObeyed"): number => trials.reduce((total, trial) => total + trial[of], 0);
  const verdict = `${TRIAL_REQUESTS} requests: ${sum("failed")} failed, ${sum("strayed")} left their shard, ${sum("forgedObeyed")} obeyed a forged header`;
  if (sum("failed") + sum("strayed") > 0) throw new UserError(verdict);
  process.stdout.write(`\n${verdict}\n`);
}

/** Shows requests per target until it is interrupted; throws when riffle or Envoy ends by itself. */
async function watch(fleet: Fleet, interrupted: Promise<"interrupted">): Promise<void> {
  process.stdout.write(instructions(fleet));
  let before: readonly number[] = fleet.backends.map(() => 0);
  let drawn = false;
  const draw = (): void => {
    const now = fleet.backends.map((backend) => backend.served());
    const changed = now.some((count, index) => count !== before[index]);
    if (process.stdout.isTTY || changed || !drawn) {
      const up = process.stdout.isTTY && drawn ? `\x1b[${fleet.backends.length}A` : "";
      process.stdout.write(up + liveView(fleet.backends, before, REDRAW_MS));
    }
    before = now;
    drawn = true;
  };
  draw();
  const timer = setInterval(draw, REDRAW_MS);
  const end = await Promise.race([interrupted, fleet.broken]);
  clearInterval(timer);
  if (end !== "interrupted") throw new Error(end);
  process.stdout.write("\nstopping\n");
}
