import type { Problem } from "../rules.ts";
import { type Path, subject } from "./find.ts";
import { show } from "./scalar.ts";
import { suggest } from "./suggest.ts";

/** What the schema library says of one mistake, as far as it is read here. */
interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly input?: unknown;
  readonly expected?: string;
  readonly keys?: readonly string[]; // of unrecognized_keys, whose message is the known ones
  readonly values?: readonly unknown[]; // of invalid_value
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  readonly errors?: readonly (readonly Issue[])[]; // of invalid_union: what each branch has to say
}

/** One mistake in the words of an operator: a problem for each unknown key, one for any other. `above`: where the issue's path starts. */
export function explainIssue(issue: Issue, above: Path): readonly Problem[] {
  const path = [...above, ...issue.path.map((key) => (typeof key === "number" ? key : String(key)))];
  if (issue.code === "unrecognized_keys") return (issue.keys ?? []).map((key) => unknownKey([...path, key], issue.message.split(" ")));
  if (issue.code === "invalid_union") return explainUnion(issue, path);
  return [{ path, message: `${subject(path)} ${complaint(issue)}` }];
}

function unknownKey(path: Path, known: readonly string[]): Problem {
  const key = String(path.at(-1));
  return { path, at: "key", message: `unknown key ${show(key)}; ${suggest(key, known)}` };
}

/** The branch that the value was meant for, if its type fits one; else the union's own message. */
function explainUnion({ errors = [], message, input }: Issue, path: Path): readonly Problem[] {
  const meant = errors.find((branch) => !branch.some((issue) => isMisfit(issue)));
  return meant
    ? meant.flatMap((issue) => explainIssue(issue, path))
    : [{ path, message: `${subject(path)} ${message}, but is ${kindOf(input)}` }];
}

const isMisfit = ({ code, path, input }: Issue): boolean =>
  path.length === 0 && (code === "invalid_type" || (code === "invalid_value" && typeof input !== "string"));

function complaint(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? "is missing" : wrongType(issue);
    case "invalid_value":
      return wrongChoice(issue);
    case "too_small":
      return Array.isArray(issue.input) ? "must list at least one" : `must be at least ${issue.minimum}, but is ${show(issue.input)}`;
    case "too_big":
      return tooBig(issue);
    default:
      return issue.message;
  }
}

function tooBig({ input, maximum }: Issue): string {
  if (Array.isArray(input)) return `lists ${input.length}, and ${maximum} are the most; leave some out`;
  if (typeof input === "string") return `has ${input.length} characters, and ${maximum} are the most; shorten it`;
  return `is too large, being ${show(input)}`;
}

function wrongType({ expected = "", input }: Issue): string {
  const remedy =
    input === null ? "; give it a value or remove the key" : expected === "string" && typeof input !== "object" ? "; put it in quotes" : "";
  const actual = expected === "int" && typeof input === "number" ? show(input) : kindOf(input);
  return `must be ${KINDS.get(expected) ?? expected}, but is ${actual}${remedy}`;
}

function wrongChoice({ values = [], input }: Issue): string {
  const choices = values.map(String);
  const areNumbers = values.every((value) => typeof value === "number");
  if (areNumbers && typeof input === "number") return `cannot be ${input}; known: ${choices.join(", ")}`;
  if (!areNumbers && typeof input === "string") return `cannot be ${show(input)}; ${suggest(input, choices)}`;
  if (choices.length === 1) return `must be ${choices[0]}, but is ${typeof input === "boolean" ? input : kindOf(input)}`;
  return `must be one of ${choices.join(", ")}, but is ${kindOf(input)}`;
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ["object", "a mapping"],
  ["record", "a mapping"],
  ["array", "a list"],
  ["string", "text"],
  ["int", "a whole number"],
  ["number", "a number"],
]);

function kindOf(input: unknown): string {
  if (input === null) return "empty";
  if (Array.isArray(input)) return "a list";
  if (typeof input === "number") return Number.isFinite(input) ? "a number" : String(input);
  return KINDS.get(typeof input) ?? `a ${typeof input}`;
}
