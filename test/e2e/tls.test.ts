import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { until } from "../../src/cli/demo/run-envoy.ts";
import { type Certificates, certificatesMissing, makeCertificates } from "../support/certificates.ts";
import { PATIENCE_MS, type Stage, type StageOptions, type StageTls, startStage, targetsOf } from "../support/stage.ts";
import { TRANSPORTS } from "../support/transports.ts";

const why = certificatesMissing ? ` (${certificatesMissing})` : "";

describe.skipIf(certificatesMissing !== undefined)(`Envoy reaches riffle by TLS${why}`, () => {
  let made: Certificates;
  beforeAll(async () => {
    made = await makeCertificates();
  });
  afterAll(() => made.remove());

  let stage: Stage;
  afterEach(() => stage?.stop());
  async function setStage(options: Omit<StageOptions, "rules">): Promise<void> {
    const rules: StageOptions["rules"] = (backends) => ({ pools: { backends: { targets: targetsOf(backends) } } });
    stage = await startStage({ rules, ...options });
  }
  async function statusesOf(count: number): Promise<ReadonlySet<number>> {
    const client = stage.client();
    const shots = Array.from({ length: count }, (_, index) => ({ headers: { "x-customer-id": `customer-${index}` } }));
    const seen = new Set<number>();
    await client.sendAll(shots, ({ status }) => seen.add(status));
    client.close();
    return seen;
  }
  const mutual = (): StageTls => ({ listener: { ...made.server, client_ca: made.ca }, envoy: { ca: made.ca, ...made.client } });

  test.each(TRANSPORTS)("2,000 requests are decided, with certificates on both sides (%s)", async (transport) => {
    await setStage({ transport, tls: mutual() });
    expect(await statusesOf(2_000)).toEqual(new Set([200]));
    expect(await stage.envoy.stat("http.ingress.ext_proc.streams_failed")).toBe(0);
    expect(await stage.envoy.stat("cluster.riffle.ssl.handshake")).toBeGreaterThan(0);
  });

  test("requests are decided with riffle's certificate alone", async () => {
    await setStage({ tls: { listener: made.server, envoy: { ca: made.ca } } });
    expect(await statusesOf(100)).toEqual(new Set([200]));
  });

  const withoutOwn = (config: string): string => config.replace(/^ +tls_certificates:\n.*\n.*\n/m, "");
  const strangers: readonly [string, (files: Certificates) => Omit<StageOptions, "rules">][] = [
    ["an Envoy with a stranger's certificate", ({ stranger }) => ({ tls: { ...mutual(), envoy: { ca: made.ca, ...stranger } } })],
    ["an Envoy without a certificate", () => ({ tls: mutual(), adapt: withoutOwn })],
    ["a riffle with a stranger's certificate", ({ stranger }) => ({ tls: { ...mutual(), listener: stranger } })],
    ["a riffle with another host's certificate of the same CA", ({ elsewhere }) => ({ tls: { ...mutual(), listener: elsewhere } })],
  ];
  test.each(strangers)("%s is not trusted: every request is refused, and reaches no target", async (_, options) => {
    await setStage({ ...options(made), healthy: 0 });
    const failures = async (): Promise<true | undefined> =>
      (await stage.envoy.stat("cluster.riffle.health_check.failure")) > 0 || undefined;
    await until(failures, AbortSignal.timeout(PATIENCE_MS));
    expect(await statusesOf(20)).toEqual(new Set([503]));
    expect(stage.backends.map((backend) => backend.served())).toEqual(stage.backends.map(() => 0));
  });
});
