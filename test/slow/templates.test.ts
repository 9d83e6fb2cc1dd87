import { expect, test } from "vitest";
import { parseTemplate } from "../../src/core/match/template.ts";
import { refusal } from "../support/envoy.ts";
import { matchOf, routeOf } from "../support/route.ts";
import { envoyConfig } from "../support/routes/envoy-config.ts";
import { AMBIGUOUS_TEMPLATES, BAD_TEMPLATES, GOOD_TEMPLATES } from "../support/routes/templates.ts";

/** Whether a real Envoy takes a route with this template. */
async function isTaken(template: string): Promise<boolean> {
  const route = routeOf({ match: matchOf({ kind: "template", template }) });
  return (await refusal(envoyConfig([[{ hosts: ["*"], routes: [route] }]]))) === undefined;
}

test.each(GOOD_TEMPLATES)("Envoy takes the template %s, as riffle does", async (template) => {
  expect(await isTaken(template)).toBe(true);
  expect(parseTemplate(template)).toHaveProperty("template");
});

test.each(BAD_TEMPLATES)("Envoy refuses the template %s, as riffle does", async (template) => {
  expect(await isTaken(template)).toBe(false);
  expect(parseTemplate(template)).toHaveProperty("why");
});

test.each(AMBIGUOUS_TEMPLATES)("Envoy takes the template %s for something else, so riffle refuses it", async (template) => {
  expect(await isTaken(template)).toBe(true);
  expect(parseTemplate(template)).toHaveProperty("why");
});
