import { EnvoyMissing, findEnvoy } from "../../src/store/envoy-binary.ts";
import { CACHE_DIR } from "./envoy.ts";

/** Once a run, before any test: an Envoy is there, so that no test waits for its installation. */
export async function setup(): Promise<void> {
  try {
    await findEnvoy({ env: process.env, cacheDir: CACHE_DIR, say: (line) => process.stderr.write(`${line}\n`) });
  } catch (cause) {
    // Vitest prints the stack of an error in a set-up; its one line is all there is to know.
    throw cause instanceof EnvoyMissing ? Object.assign(cause, { stack: cause.message }) : cause;
  }
}
