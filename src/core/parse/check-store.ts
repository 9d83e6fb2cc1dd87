import type { Problem } from "../rules.ts";
import { find, findText } from "./find.ts";

/** What is read from the store needs one. */
export function checkStore(document: unknown): readonly Problem[] {
  if (find(document, "store").length > 0) return []; // what it lacks, the schema says
  return findText(document, "discovery.*.from")
    .filter(({ value }) => value === "store")
    .map(({ path }) => ({ path, message: "from is store, and there is none; write store: {redis: redis://127.0.0.1:6379}" }));
}
