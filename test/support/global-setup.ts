import { EnvoyMissing, findEnvoy } from "../../src/store/envoy-binary.ts";
import { CACHE_DIR } from "./envoy.ts";
import { findRedis } from "./redis-binary.ts";

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Once a run, before any test: an Envoy is there, and a Redis, so that no test waits for their installation. */
export async function setup(): Promise<void> {
  try {
    await findEnvoy({ env: process.env, cacheDir: CACHE_DIR, say });
  } catch (cause) {
    // Vitest prints the stack of an error in a set-up; its one line is all there is to know.
    throw cause instanceof EnvoyMissing ? Object.assign(cause, { stack: cause.message }) : cause;
  }
  const redis = await findRedis({ say });
  if ("why" in redis) say(`tests on a real Redis are skipped: ${redis.why}`);
}
