import { resolve } from "node:path";
import type { Rules } from "../core/rules.ts";
import { readRules } from "../store/rules-file.ts";
import { UserError } from "./user-error.ts";

/** The rules of a file with its warnings, or a UserError with a line a mistake. */
export async function loadRules(file: string): Promise<{ readonly rules: Rules; readonly warnings: readonly string[] }> {
  const read = await readRules(resolve(file), process.env);
  if ("problems" in read) throw new UserError(read.problems.join("\n"));
  return read;
}

/** The rules of a file; its warnings go to stderr, a line each. */
export async function loadRulesAndWarn(file: string): Promise<Rules> {
  const { rules, warnings } = await loadRules(file);
  for (const warning of warnings) process.stderr.write(`riffle: warning: ${warning}\n`);
  return rules;
}
