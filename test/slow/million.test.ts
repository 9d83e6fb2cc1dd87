import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { readMemory } from "../../bench/accounts.ts";
import { RIFFLE_CLUSTER } from "../../src/core/rules.ts";
import { ENVOY_WORKERS, type Stage, type StageOptions, startStage, targetsOf } from "../support/stage.ts";
import { scaled } from "./support/scale.ts";
import { sendVolley } from "./support/volley.ts";

const REQUESTS = scaled(1_000_000);
const CUSTOMERS = Array.from({ length: 1_000 }, (_, index) => `customer-${index}`);
const FLAG = "envoy.reloadable_features.ext_proc_graceful_grpc_close";
/** How far riffle's memory may move after a tenth of the requests: what Node's own collector does, and far less than any leak would. */
const SLACK_BYTES = 48 * 1024 * 1024;

interface Load {
  readonly name: string;
  readonly stage: Pick<StageOptions, "adapt" | "program">;
  readonly connections: number;
  readonly perSecond?: number; // absent: as fast as answers come
  readonly resets: boolean; // whether Envoy ends side streams by a reset
}

const LOADS: readonly Load[] = [
  { name: "with the runtime flag off", stage: {}, connections: 64, resets: true },
  {
    name: "with the runtime flag on",
    stage: { adapt: (config) => config.replace(`${FLAG}: false`, `${FLAG}: true`) },
    connections: 64,
    resets: false,
  },
  {
    name: "with answers that take 20 ms, at 2,000/s",
    stage: { program: join(import.meta.dirname, "support", "late-riffle.ts") },
    connections: 128,
    perSecond: 2_000,
    resets: true,
  },
];

describe(`${REQUESTS.toLocaleString("en")} requests through a real Envoy`, () => {
  let stage: Stage;
  afterEach(() => stage?.stop());

  test.each(LOADS)(
    "$name: none fails, a worker keeps its one connection, memory stays flat",
    async ({ name, stage: options, resets, ...load }) => {
      stage = await startStage({
        rules: (backends) => ({ pools: { backends: { targets: targetsOf(backends), shard: { size: 2, salt: "pepper" } } } }),
        ...options,
      });
      const resident = (): number => readMemory(stage.riffles[0]?.process.pid ?? 0).resident;
      let early = 0;
      const onTenth = (): void => {
        early = resident();
      };
      const { failures, seconds, slowestMs } = await sendVolley({
        port: stage.envoy.port,
        count: REQUESTS,
        customers: CUSTOMERS,
        onTenth,
        ...load,
      });
      const grown = resident() - early;
      const mib = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);
      process.stderr.write(
        `${name}: ${(REQUESTS / seconds).toFixed(0)} requests/s, the slowest ${slowestMs.toFixed(0)} ms; memory ${mib(early)} MiB, then ${mib(grown)} MiB more\n`,
      );

      expect([...failures]).toEqual([]);
      const stat = (name: string): Promise<number> => stage.envoy.stat(name);
      expect(await stat("http.ingress.ext_proc.streams_failed")).toBe(0);
      expect(await stat("http.ingress.ext_proc.streams_started")).toBeGreaterThanOrEqual(REQUESTS);
      const reset = await stat(`cluster.${RIFFLE_CLUSTER}.upstream_rq_tx_reset`);
      expect(resets ? REQUESTS - reset : reset).toBeLessThan(REQUESTS / 100);
      expect(await stat(`cluster.${RIFFLE_CLUSTER}.upstream_cx_total`)).toBe(ENVOY_WORKERS);
      expect(await stat(`cluster.${RIFFLE_CLUSTER}.upstream_cx_destroy`)).toBe(0);
      expect(early).toBeGreaterThan(0);
      expect(grown).toBeLessThan(SLACK_BYTES);
    },
  );
});
