import { z } from "zod";
import type { RouteTest } from "../route-tests.ts";
import type { Problem } from "../rules.ts";
import { explainIssue } from "./issues.ts";
import { complainOf, mapping } from "./schema.ts";

// What a file of route tests may look like: for `riffle check --tests`.

const oneOrMore = z
  .union([z.string(), z.array(z.string()).min(1)], "must be text or a list of texts")
  .transform((written) => (Array.isArray(written) ? written : [written]));

const expected = mapping({
  route: z.string().optional(),
  customer: z.string().optional(),
  region: z.string().optional(),
  pool: z.string().optional(),
  target: oneOrMore.optional(), // all that may serve it: the shard, or one cluster
  status: z.int().min(200).max(599).optional(), // of an answer of riffle's own
  why: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(), // sent on, or of the answer
}).refine(
  (written) => Object.values(written).some((value) => value !== undefined),
  complainOf("must say something; name route, customer, region, pool, target, status, why or headers"),
);

const test = mapping({
  name: z.string().optional(),
  request: mapping({
    method: z.string().default("GET"),
    url: z.string(), // http://host/path?query, or /path
    headers: z.record(z.string(), oneOrMore).default({}),
  }),
  given: mapping({ region: z.string().optional() }).prefault({}), // what a discovery service says; absent: it does not answer
  expect: expected,
});

const document = z.array(test).min(1);

/** Route tests from a document of plain values, or all that is wrong with it. Never throws. */
export function parseRouteTests(written: unknown): { readonly tests: readonly RouteTest[] } | { readonly problems: readonly Problem[] } {
  const { data, error } = document.safeParse(written ?? [], { reportInput: true });
  if (error) return { problems: error.issues.flatMap((issue) => explainIssue(issue, [])) };
  return {
    tests: data.map(({ name, request, given, expect }, index) => ({
      name: name ?? `#${index + 1} ${request.method} ${request.url}`,
      request: {
        method: request.method,
        url: request.url,
        header: Object.entries(request.headers).flatMap(([header, values]) => values.map((value) => `${header}: ${value}`)),
      },
      given: { region: given.region },
      expected: expect,
    })),
  };
}
