import fc from "fast-check";
import { expect, test } from "vitest";
import { createRouter } from "../../../src/core/match/routes.ts";
import { requestsFor } from "../../support/routes/arbitrary-requests.ts";
import { virtualHosts } from "../../support/routes/arbitrary-rules.ts";
import { headersOf } from "../../support/routes/envoy-choices.ts";
import { referenceRoute } from "./reference.ts";

const sets = virtualHosts(40).chain((all) =>
  fc.record({ all: fc.constant(all), requests: fc.array(requestsFor(all), { minLength: 20, maxLength: 60, size: "max" }) }),
);

test("a route is found as by trying one after the other, in file order", () => {
  let matched = 0;
  let tried = 0;
  fc.assert(
    fc.property(sets, ({ all, requests }) => {
      const router = createRouter(all, { from: [], missing: "pass" });
      for (const request of requests) {
        const headers = headersOf(request);
        const expected = referenceRoute(all, headers, ({ match }) => match.basisPoints > 0)?.name;
        expect(router.find(headers)?.name, JSON.stringify(request)).toBe(expected);
        tried++;
        if (expected !== undefined) matched++;
      }
    }),
    { numRuns: 100 },
  );
  expect(matched / tried, "most requests have a route, and some have none").toBeGreaterThan(0.5);
  expect(matched / tried).toBeLessThan(0.95);
});

test("explain and find choose the same route, and every route passed over has its reason", () => {
  fc.assert(
    fc.property(sets, ({ all, requests }) => {
      const router = createRouter(all, { from: [], missing: "pass" });
      for (const request of requests) {
        const headers = headersOf(request);
        const { host, passedOver, route } = router.trace(headers);
        expect(route).toBe(router.find(headers));
        if (!request.path.startsWith("/")) continue;
        const routes = all.find(({ hosts }) => hosts.includes(host ?? ""))?.routes ?? [];
        expect([...passedOver.map((passed) => passed.route), ...(route === undefined ? [] : [route])]).toEqual(
          routes.slice(0, route === undefined ? undefined : routes.indexOf(route) + 1),
        );
        for (const { why } of passedOver)
          expect(why).toMatch(/^(path|method|header|parameter|customer|the request) ?[ -~\u{a0}-\u{10ffff}]*$/u);
      }
    }),
    { numRuns: 60 },
  );
});
