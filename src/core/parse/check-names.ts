import type { Problem } from "../rules.ts";
import { tellsHosts } from "./check-outputs.ts";
import { regionHeader } from "./control-headers.ts";
import { find, findText, subject } from "./find.ts";
import { parseClusterName, parseDiscoveryName, parsePoolName } from "./names.ts";
import { show } from "./scalar.ts";
import { suggest } from "./suggest.ts";

/** Keys that are names are well formed, and what is referred to exists. */
export function checkNames(document: unknown): readonly Problem[] {
  return [
    ...KEYS.flatMap((row) => checkKeys(document, row)),
    ...REFERENCES.flatMap((row) => checkReferences(document, row)),
    ...checkRegionClusters(document),
    ...checkDefault(document),
  ];
}

interface KeyRow {
  readonly pattern: string;
  readonly parse: typeof parsePoolName;
}

const KEYS: readonly KeyRow[] = [
  { pattern: "pools.*", parse: parsePoolName },
  { pattern: "clusters.*", parse: parseClusterName },
  { pattern: "discovery.*", parse: parseDiscoveryName },
];

function checkKeys(document: unknown, { pattern, parse }: KeyRow): readonly Problem[] {
  return find(document, pattern).flatMap(({ path }) => {
    const name = path.at(-1);
    const parsed = typeof name === "string" ? parse(name) : undefined; // a list in the mapping's place has no names
    return parsed && "why" in parsed ? [{ path, at: "key", message: parsed.why }] : [];
  });
}

interface ReferenceRow {
  readonly pattern: string;
  readonly kind: Kind;
}

type Kind = "pool" | "cluster" | "discovery";

const REFERENCES: readonly ReferenceRow[] = [
  { pattern: "envoy.when_down.fallback", kind: "cluster" },
  { pattern: "defaults.default_target", kind: "cluster" },
  { pattern: "virtual_hosts.*.routes.*.target.pool", kind: "pool" },
  { pattern: "virtual_hosts.*.routes.*.target.cluster", kind: "cluster" },
  { pattern: "virtual_hosts.*.routes.*.target.split.*.pool", kind: "pool" },
  { pattern: "virtual_hosts.*.routes.*.target.split.*.cluster", kind: "cluster" },
  { pattern: "virtual_hosts.*.routes.*.target.allowed.*", kind: "cluster" },
  { pattern: "virtual_hosts.*.routes.*.region.discovery", kind: "discovery" },
];

function checkReferences(document: unknown, { pattern, kind }: ReferenceRow): readonly Problem[] {
  const dangling = findText(document, pattern);
  if (dangling.length === 0) return [];
  const known = namesOf(document, kind);
  return dangling
    .filter(({ value }) => !known.has(value))
    .map(({ path, value }) => ({ path, message: `${subject(path)} ${show(value)} does not exist; ${suggest(value, [...known])}` }));
}

const TABLES: Readonly<Record<Kind, string>> = { pool: "pools.*", cluster: "clusters.*", discovery: "discovery.*" };

/** The names there are; a target is a cluster too, unless its pool is the cluster. */
function namesOf(document: unknown, kind: Kind): ReadonlySet<string> {
  const keys = find(document, TABLES[kind]).map(({ path }) => String(path.at(-1)));
  const pools = kind !== "cluster" ? [] : find(document, "pools.*").filter(({ value }) => !tellsHosts(value));
  const ids = pools.flatMap(({ value }) => findText(value, "targets.*.id").map(({ value: id }) => id));
  return new Set([...keys, ...ids]);
}

/** The clusters that Envoy has by this document. */
export const clusterNames = (document: unknown): readonly string[] => [...namesOf(document, "cluster")];

/** Where a region is the target, it names a cluster. */
function checkRegionClusters(document: unknown): readonly Problem[] {
  const known = namesOf(document, "cluster");
  return find(document, "virtual_hosts.*.routes.*").flatMap((route) => {
    const [target] = findText(route.value, "target.header");
    if (target === undefined || target.value.toLowerCase() !== regionHeader(route)) return [];
    return findText(route.value, "region.allowed.*")
      .filter(({ value }) => !known.has(value))
      .map(({ path, value }) => ({
        path: [...route.path, ...path],
        message: `${subject(path)} ${show(value)} is where requests go, and no such cluster exists; ${suggest(value, [...known])}`,
      }));
  });
}

/** `on_error: default_target` needs one. */
function checkDefault(document: unknown): readonly Problem[] {
  if (find(document, "defaults.default_target").length > 0) return [];
  return ["defaults.on_error", "virtual_hosts.*.routes.*.on_error"]
    .flatMap((pattern) => findText(document, pattern))
    .filter(({ value }) => value === "default_target")
    .map(({ path }) => ({ path, message: "on_error: default_target names none; write the target's name as default_target of defaults" }));
}
