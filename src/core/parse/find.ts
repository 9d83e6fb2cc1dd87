import type { Problem } from "../rules.ts";

/** Keys and indexes from the top of the document. */
export type Path = Problem["path"];

/** Something that stands in the document, whatever its type. */
export interface Found {
  readonly path: Path;
  readonly value: unknown;
}

/**
 * All that stands at a pattern such as `pools.*.targets.*.id`, in document order; `*` is every key of a mapping or every
 * item of a list. What has not the form to hold it is passed over: the schema reports that. So names can be checked in a
 * document that has other mistakes, and all of them are reported at once.
 */
export function find(document: unknown, pattern: string): readonly Found[] {
  let found: readonly Found[] = [{ path: [], value: document }];
  for (const segment of pattern.split(".")) {
    found = found.flatMap(({ path, value }) => step(value, segment).map(([key, child]) => ({ path: [...path, key], value: child })));
  }
  return found;
}

type Entries = readonly (readonly [key: string | number, value: unknown])[];

function step(value: unknown, segment: string): Entries {
  if (segment === "*") return children(value);
  const isHolder = typeof value === "object" && value !== null && Object.hasOwn(value, segment);
  return isHolder ? [[segment, Reflect.get(value, segment)]] : [];
}

/** As `find`, and only what is text. */
export function findText(document: unknown, pattern: string): readonly (Found & { readonly value: string })[] {
  return find(document, pattern).filter((found): found is Found & { readonly value: string } => typeof found.value === "string");
}

/** The own entries of a mapping or list, in document order; none for any other value. */
export function children(value: unknown): Entries {
  if (Array.isArray(value)) return [...value.entries()];
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

/** The last key of a path, with the indexes behind it: `hosts[1]`. */
export function subject(path: Path): string {
  const at = path.findLastIndex((segment) => typeof segment === "string");
  return at < 0
    ? "the document"
    : `${path[at]}${path
        .slice(at + 1)
        .map((index) => `[${index}]`)
        .join("")}`;
}
