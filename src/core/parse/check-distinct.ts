import type { Problem } from "../rules.ts";
import { parseListener, resolvePath } from "./address.ts";
import { type Found, find, findText, subject } from "./find.ts";
import { parseHeaderName } from "./header.ts";
import { parseHost } from "./names.ts";
import { type Parsed, show } from "./scalar.ts";

/** What may stand only once stands only once. */
export function checkDistinct(document: unknown): readonly Problem[] {
  return [
    ...repeated(listeners(document), "is listened at already; remove one of the two"),
    ...repeated(named(findText(document, "customer.from.*.header"), parseHeaderName), "is a source already; remove one of the two"),
    ...find(document, "pools.*").flatMap((pool) => repeated(targetIds(pool), "is a target of this pool already; ids are distinct")),
    ...repeated(namedTexts(document, "virtual_hosts.*.routes.*.name"), "is another route's name already; names are distinct"),
    ...repeated(hosts(document), "is a virtual host already; each belongs to one, in Envoy too"),
  ];
}

interface Named {
  readonly path: Found["path"];
  readonly name: string; // the same for what counts as the same
}

/** A problem for each name that stood before. */
function repeated(all: readonly Named[], why: string): readonly Problem[] {
  const seen = new Set<string>();
  return all
    .filter(({ name }) => seen.size === seen.add(name).size)
    .map(({ path, name }) => ({ path, message: `${subject(path)} ${show(name)} ${why}` }));
}

/** Each by its parsed form; what cannot be parsed is left to the schema. */
function named(all: readonly (Found & { readonly value: string })[], parse: (text: string) => Parsed<string>): readonly Named[] {
  return all.flatMap(({ path, value }) => {
    const parsed = parse(value);
    return "value" in parsed ? [{ path, name: parsed.value }] : [];
  });
}

const namedTexts = (document: unknown, pattern: string): readonly Named[] =>
  findText(document, pattern).map(({ path, value }) => ({ path, name: value }));

const targetIds = (pool: Found): readonly Named[] =>
  findText(pool.value, "targets.*.id").map(({ path, value }) => ({ path: [...pool.path, ...path], name: value }));

/** Port 0 is another port each time. */
function listeners(document: unknown): readonly Named[] {
  const written = find(document, "listen.grpc.*").flatMap(({ path, value }) =>
    typeof value === "string"
      ? [{ path, value }]
      : findText(value, "address").map((found) => ({ ...found, path: [...path, ...found.path] })),
  );
  return written.flatMap(({ path, value }) => {
    const parsed = parseListener(value);
    if ("why" in parsed) return [];
    const address = parsed.value;
    if (address.kind === "unix") return [{ path, name: `unix:${resolvePath(address.path, ".")}` }];
    return address.port === 0 ? [] : [{ path, name: `${address.host}:${address.port}` }];
  });
}

/** All hosts of all virtual hosts; one that names none is there for all. */
function hosts(document: unknown): readonly Named[] {
  return find(document, "virtual_hosts.*").flatMap(({ path, value }) => {
    if (typeof value !== "object" || value === null) return [];
    if (find(value, "hosts").length === 0) return [{ path: [...path, "hosts"], name: "*" }];
    return named(
      findText(value, "hosts.*").map((host) => ({ ...host, path: [...path, ...host.path] })),
      parseHost,
    );
  });
}
