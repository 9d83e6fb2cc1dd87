import type { Explanation } from "./explain.ts";

/** One request, and what an operator expects of it. */
export interface RouteTest {
  readonly name: string;
  readonly request: { readonly method: string; readonly url: string; readonly header: readonly string[] }; // header: "name: value"
  readonly given: { readonly region: string | undefined }; // what a discovery service says; undefined: it does not answer
  readonly expected: Expected;
}

/** What is not named may be anything. */
export interface Expected {
  readonly route?: string | undefined;
  readonly customer?: string | undefined;
  readonly region?: string | undefined;
  readonly pool?: string | undefined;
  readonly target?: readonly string[] | undefined; // all that may serve it, in any order: the shard, or one cluster
  readonly status?: number | undefined; // of an answer of riffle's own
  readonly why?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined; // sent on, or of the answer
}

/** One thing that is not as expected. */
export interface Difference {
  readonly what: string;
  readonly expected: string;
  readonly actual: string;
}

/** What differs between a decision and what is expected of it. */
export function compare(expected: Expected, actual: Explanation): readonly Difference[] {
  const answer = actual.answer;
  const sent = new Map((answer?.headers ?? actual.edits).map(({ name, value }) => [name, value]));
  const rows: readonly (readonly [what: string, expected: string | undefined, actual: string | undefined])[] = [
    ["route", expected.route, actual.route],
    ["customer", expected.customer, actual.customer],
    ["region", expected.region, actual.region?.region],
    ["pool", expected.pool, actual.pool],
    ["target", list(expected.target), list(targetsOf(actual))],
    ["status", text(expected.status), text(answer?.status)],
    ["why", expected.why, answer?.why],
    ...Object.entries(expected.headers ?? {}).map(([name, value]) => [`header ${name}`, value, sent.get(name.toLowerCase())] as const),
  ];
  return rows.flatMap(([what, wanted, is = "none"]) =>
    wanted === undefined || wanted === is ? [] : [{ what, expected: wanted, actual: is }],
  );
}

/** All that may serve the request. */
function targetsOf({ shard, cluster }: Explanation): readonly string[] | undefined {
  if (shard !== undefined) return shard.members;
  return cluster === undefined ? undefined : [cluster];
}

const list = (ids: readonly string[] | undefined): string | undefined => ids && [...ids].sort().join(", ");
const text = (value: number | undefined): string | undefined => (value === undefined ? undefined : String(value));
