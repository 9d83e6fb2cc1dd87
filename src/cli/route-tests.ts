import { resolve } from "node:path";
import { explain } from "../core/explain.ts";
import { parseRouteTests } from "../core/parse/shape-route-tests.ts";
import { compare, type Difference, type RouteTest } from "../core/route-tests.ts";
import type { Rules } from "../core/rules.ts";
import { Snapshot } from "../core/snapshot.ts";
import { type ParseDocument, readDocument } from "../store/document-file.ts";
import { quietLive } from "../store/live.ts";
import { decideWritten, regionsSaying } from "./explain.ts";
import { UserError } from "./user-error.ts";

/** What came of a file of route tests. */
export interface RouteTestReport {
  readonly tests: number;
  readonly failures: readonly { readonly name: string; readonly differences: readonly Difference[] }[];
  readonly unreached: readonly string[]; // routes that no test's request takes
}

/** Decides every request of a file of tests by these rules, with no sockets. Throws UserError for what is no such file. */
export async function runRouteTests(file: string, rules: Rules): Promise<RouteTestReport> {
  const read = await readDocument(resolve(file), process.env, parse);
  if ("problems" in read) throw new UserError(read.problems.join("\n"));
  const snapshot = new Snapshot(rules);
  const reached = new Set<string | undefined>();
  const failures: RouteTestReport["failures"][number][] = [];
  for (const test of read.content) {
    const explanation = explain(await decideWritten(test.request, snapshot, { live: quietLive, region: regionsSaying(test.given.region) }));
    reached.add(explanation.route);
    const differences = compare(test.expected, explanation);
    if (differences.length > 0) failures.push({ name: test.name, differences });
  }
  const routes = rules.virtualHosts.flatMap((virtualHost) => virtualHost.routes.map(({ name }) => name));
  return { tests: read.content.length, failures, unreached: routes.filter((name) => !reached.has(name)) };
}

const parse: ParseDocument<readonly RouteTest[]> = (document) => {
  const parsed = parseRouteTests(document);
  return "problems" in parsed ? parsed : { content: parsed.tests, warnings: [] };
};

/** The report for people: a diff for each test that failed, then what no test reaches. */
export function renderRouteTests({ tests, failures, unreached }: RouteTestReport): string {
  const width = Math.max(0, ...failures.flatMap(({ differences }) => differences.map(({ what }) => what.length)));
  const diff = ({ what, expected, actual }: Difference): readonly string[] => [
    `  - ${what.padEnd(width)}  ${expected}`,
    `  + ${what.padEnd(width)}  ${actual}`,
  ];
  return [
    ...failures.flatMap(({ name, differences }) => [`failed: ${name}`, ...differences.flatMap(diff)]),
    `route tests: ${tests - failures.length} of ${tests} passed`,
    ...(unreached.length > 0 ? [`reached by none: ${unreached.join(", ")}`] : []),
  ].join("\n");
}
