import { buildRules } from "./parse/build.ts";
import { crossCheck } from "./parse/cross-check.ts";
import { inDocumentOrder } from "./parse/order.ts";
import { parseShape } from "./parse/shape.ts";
import { warnOfRoutes } from "./parse/warn-of-routes.ts";
import { warnOfAdmin, warnOfPool, warnOfTls } from "./parse/warnings.ts";
import type { Problem, Rules } from "./rules.ts";

/** Rules with what is likely not meant in them; or everything that is wrong, in document order, at least one problem. */
export type ParsedRules = { readonly rules: Rules; readonly warnings: readonly Problem[] } | { readonly problems: readonly Problem[] };

/**
 * Reads riffle.yaml as plain values (mappings, lists, text, numbers, booleans, null) without cycles, variables already
 * substituted. Nothing at all (null, undefined) is the empty document. `folder` is absolute: relative paths start there.
 * Never throws.
 */
export function parseRules(document: unknown, folder: string): ParsedRules {
  const content = document ?? {};
  const { shape, problems: own } = parseShape(content);
  const problems = [...own, ...crossCheck(content, folder)];
  if (shape === undefined || problems.length > 0) return { problems: inDocumentOrder(problems, content) };
  const rules = buildRules(shape, folder);
  const warnings = [
    ...[...rules.pools.values()].flatMap(warnOfPool),
    ...warnOfSilence(rules, shape.virtual_hosts === undefined),
    ...warnOfTls(rules),
    ...warnOfAdmin(rules),
    ...(shape.virtual_hosts === undefined ? [] : warnOfRoutes(rules)),
  ];
  return { rules, warnings: inDocumentOrder(warnings, content) };
}

/** Several pools and nothing that chooses between them. */
function warnOfSilence({ pools }: Rules, isAbsent: boolean): readonly Problem[] {
  if (!isAbsent || pools.size < 2) return [];
  return [{ path: ["pools"], message: `${pools.size} pools and no virtual_hosts: no request has a route; add virtual_hosts` }];
}
