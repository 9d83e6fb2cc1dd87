import { beforeAll, describe, expect, test } from "vitest";
import { generateEnvoy } from "../../../src/core/envoy/bootstrap.ts";
import { ENVOY_PARTS, ENVOY_VERSIONS } from "../../../src/core/envoy/options.ts";
import { EnvoyMissing } from "../../../src/store/envoy-binary.ts";
import { certificatesMissing, makeCertificates } from "../../support/certificates.ts";
import { envoyBinary, refusal } from "../../support/envoy.ts";
import { embed } from "./embed.ts";
import { sampleRules } from "./sample.ts";
import { variants } from "./variants.ts";

const OLD_ENVOY = "1.36.4";

describe("the complete bootstrap", () => {
  // After a change that is meant: npx vitest run test/core/envoy --update, and read the difference.
  test.each(variants)("$name is the text that was agreed on", async ({ name, rules, options }) => {
    await expect(generateEnvoy(rules, options)).toMatchFileSnapshot(`golden/${name}.yaml`);
  });

  test.each(variants.filter(({ rules }) => rules.envoy.tls === undefined))("a real Envoy accepts $name", async ({ rules, options }) => {
    expect(await refusal(generateEnvoy(rules, options))).toBeUndefined();
  });

  const secured = variants.filter(({ rules }) => rules.envoy.tls !== undefined);
  test.for(secured)("a real Envoy accepts $name, the files being there", async ({ rules, options }, { skip }) => {
    skip(certificatesMissing !== undefined, certificatesMissing);
    const made = await makeCertificates();
    const config = generateEnvoy(rules, options).replaceAll("/etc/envoy", made.folder);
    expect(await refusal(config)).toBeUndefined();
    await made.remove();
  });

  test("the same rules give the same text", () => {
    expect(generateEnvoy(sampleRules())).toBe(generateEnvoy(sampleRules()));
  });

  test("only 1.36 and 1.37 go without allow_content_length_header, which they do not know", () => {
    const without = ENVOY_VERSIONS.filter(
      (envoyVersion) => !generateEnvoy(sampleRules(), { envoyVersion }).includes("allow_content_length"),
    );
    expect(without).toEqual(["1.36", "1.37"]);
  });
});

describe("an Envoy 1.36", () => {
  let missing: string | undefined;
  beforeAll(async () => {
    missing = await envoyBinary(OLD_ENVOY).then(
      () => undefined,
      (cause: unknown) => (cause instanceof EnvoyMissing ? cause.message : Promise.reject(cause)),
    );
  }, 300_000);

  test("accepts what is made for it, and would refuse what is made for 1.40", async ({ skip }) => {
    skip(missing !== undefined, missing); // a machine that is offline, with an Envoy of its own
    expect(await refusal(generateEnvoy(sampleRules(), { envoyVersion: "1.36" }), OLD_ENVOY)).toBeUndefined();
    expect(await refusal(generateEnvoy(sampleRules()), OLD_ENVOY)).toContain("allow_content_length_header");
  });

  test("accepts every variant that is made for it", async ({ skip }) => {
    skip(missing !== undefined, missing);
    const old = variants.filter(({ options }) => options?.envoyVersion === "1.36");
    expect(old.map(({ name }) => name)).toContain("hosts-1.36");
    for (const { name, rules, options } of old) expect(await refusal(generateEnvoy(rules, options), OLD_ENVOY), name).toBeUndefined();
  });
});

describe("the parts", () => {
  const parts = ENVOY_PARTS.map((part) => ({ part, text: generateEnvoy(sampleRules(), { part }) }));

  test.each(parts)("$part is the text that was agreed on", async ({ part, text }) => {
    await expect(text).toMatchFileSnapshot(`golden/part-${part}.yaml`);
  });

  test.each(parts)("a real Envoy accepts $part where its comment says it goes", async ({ part, text }) => {
    const config = embed({ [part]: text });
    expect(config).toContain(text.split("\n").at(-2)); // it is really in there
    expect(await refusal(config)).toBeUndefined();
  });

  test.each(["refuse", "hosts"])("together those of %s make a configuration that a real Envoy accepts", async (wanted) => {
    const { rules } = variants.find(({ name }) => name === wanted) ?? { rules: sampleRules() };
    const all = Object.fromEntries(ENVOY_PARTS.map((part) => [part, generateEnvoy(rules, { part })]));
    expect(all.cluster?.includes("- name: listed")).toBe(wanted === "hosts"); // a pool's fallback is not left to others to get right
    expect(await refusal(embed(all))).toBeUndefined();
  });
});
