import type { Environment } from "../core/parse/environment.ts";
import { parseRules } from "../core/parse-rules.ts";
import type { Rules } from "../core/rules.ts";
import { type DocumentFile, type Origin, type ParseDocument, parseDocumentText, readDocument } from "./document-file.ts";

/** Rules from a file, or all that is wrong with it. Each line is `file:line:column: message`, in the order of the file. */
export type RulesFile = { readonly rules: Rules; readonly warnings: readonly string[] } | { readonly problems: readonly string[] };

/** Reads the rules at `path`. What cannot be read at all is one line `path: message; remedy`. Never rejects. */
export const readRules = async (path: string, env: Environment): Promise<RulesFile> => named(await readDocument(path, env, parse));

/**
 * The same for a process that has rules already. Here a file with nothing in it is a problem: it is valid, and means that no request has
 * a route, and it is how a file looks that somebody has begun to write.
 */
export const readRulesAnew = async (path: string, env: Environment): Promise<RulesFile> =>
  named(await readDocument(path, env, (document, folder) => (document == null ? NOTHING : parse(document, folder))));

const NOTHING = {
  problems: [{ path: [], message: "the file is empty, and nothing is left of the rules in force; write {} if that is meant" }],
};

/** Reads rules as text. Never throws. */
export const parseRulesText = (text: string, origin: Origin): RulesFile => named(parseDocumentText(text, origin, parse));

const parse: ParseDocument<Rules> = (document, folder) => {
  const parsed = parseRules(document, folder);
  return "problems" in parsed ? parsed : { content: parsed.rules, warnings: parsed.warnings };
};

const named = (read: DocumentFile<Rules>): RulesFile => ("problems" in read ? read : { rules: read.content, warnings: read.warnings });
