import { expect, test } from "vitest";
import { EnvoyMissing } from "../../src/store/envoy-binary.ts";
import { envoyBinary } from "../support/envoy.ts";
import { runVitest } from "./support/vitest-child.ts";

test.each(["1.36.2", "1.38.3"])("every end-to-end test passes on Envoy %s, with the configuration made for it", async (version) => {
  const missing = await envoyBinary(version).then(
    () => undefined,
    (cause: unknown) => (cause instanceof EnvoyMissing ? cause.message : Promise.reject(cause)),
  );
  expect(missing).toBeUndefined(); // a skip here would hide that nothing was tried
  const { passed, failed } = await runVitest("test/e2e", { RIFFLE_TEST_ENVOY: version });
  expect(failed).toEqual([]);
  expect(passed).toBeGreaterThan(50);
});
