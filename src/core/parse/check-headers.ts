import type { Problem } from "../rules.ts";
import { isStripped, stripList } from "../strip-list.ts";
import { outputHeaders, setHeaders, sourceHeaders } from "./control-headers.ts";
import { parseDiscoveryKey, parseDiscoveryUrl } from "./discovery.ts";
import { type Found, find, findText, subject } from "./find.ts";
import { parseHeaderName } from "./header.ts";
import { parseMatchName } from "./match.ts";
import { parsePick } from "./pick.ts";
import { show } from "./scalar.ts";

type FoundText = Found & { readonly value: string };

/**
 * What is stripped from every request can tell nobody's customer, route, region or target: control headers in use, and what is
 * never a client's to say.
 */
export function checkHeaders(document: unknown): readonly Problem[] {
  const outputs = outputHeaders(document, "targets"); // that no route sets a source, check-changes.ts says
  const written = outputHeaders(document, "all");
  const from = sourceHeaders(document).map((header) => ({ header }));
  const always = stripList({ pools: new Map(), virtualHosts: [], customer: { from, missing: "reject" } });
  const isForged =
    (names: ReadonlySet<string>) =>
    (found: FoundText): boolean =>
      names.has(found.value.toLowerCase()) || isStripped(always, found.value);
  const read = [...matches(document), ...allowedHeaders(document), ...keys(document), ...affinities(document)];
  return [...sources(document).filter(isForged(outputs)), ...read.filter(isForged(written))].map(({ path, value }) => ({
    path,
    message: `${subject(path)} ${show(value)} is stripped from every request, as no client's to say; name another header`,
  }));
}

// Where headers are read; what is no name is left to the schema: one complaint a header.

const sources = (document: unknown): readonly FoundText[] =>
  findText(document, "customer.from.*.header").filter(({ value }) => "value" in parseHeaderName(value));

const matches = (document: unknown): readonly FoundText[] =>
  findText(document, "virtual_hosts.*.routes.*.match.headers.*.name").filter(({ value }) => "value" in parseMatchName(value));

/** Of targets by a header that clients send; of one that its own route sets, check-targets.ts complains. */
const allowedHeaders = (document: unknown): readonly FoundText[] =>
  find(document, "virtual_hosts.*.routes.*").flatMap((route) =>
    find(route.value, "target.allowed").length === 0
      ? []
      : findText(route.value, "target.header")
          .filter(({ value }) => "value" in parseMatchName(value) && !setHeaders(route).has(value.toLowerCase()))
          .map(({ path, value }) => ({ path: [...route.path, ...path], value })),
  );

const affinities = (document: unknown): readonly FoundText[] =>
  findText(document, "pools.*.shard.pick").flatMap(({ path, value }) => {
    const parsed = parsePick(value);
    if ("why" in parsed || parsed.value.kind !== "affinity") return [];
    if (parsed.value.by === "cookie") return [{ path, value: "cookie" }];
    return parsed.value.by === "header" ? [{ path, value: parsed.value.name }] : [];
  });

const keys = (document: unknown): readonly FoundText[] => [
  ...findText(document, "discovery.*.by").flatMap((found) => headerIn(found, parseDiscoveryKey(found.value))),
  ...findText(document, "discovery.*.url").flatMap((found) => {
    const parsed = parseDiscoveryUrl(found.value);
    return "why" in parsed ? [] : headerIn(found, { value: parsed.value.key });
  }),
];

const headerIn = ({ path }: Found, parsed: ReturnType<typeof parseDiscoveryKey>): readonly FoundText[] =>
  "value" in parsed && parsed.value.kind === "header" ? [{ path, value: parsed.value.header }] : [];
