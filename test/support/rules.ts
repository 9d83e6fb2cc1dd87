import { parseRules } from "../../src/core/parse-rules.ts";
import type { Rules } from "../../src/core/rules.ts";
import { Snapshot } from "../../src/core/snapshot.ts";

/** The rules of a document written in a test; a mistake in it fails the test. */
export function rulesOf(document: unknown): Rules {
  const parsed = parseRules(document, "/etc/riffle");
  if ("problems" in parsed) throw new Error(parsed.problems.map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n"));
  return parsed.rules;
}

/** The snapshot of a document written in a test. */
export const snapshotOf = (document: unknown): Snapshot => new Snapshot(rulesOf(document));

/** A pool of eight targets in three zones, as in the demo. */
export const eight = {
  targets: Array.from({ length: 8 }, (_, index) => ({ id: `backend_${index}`, zone: "abc"[index % 3] })),
  shard: { size: 2, salt: "pepper" },
};
