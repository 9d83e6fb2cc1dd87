import type { CustomerTuning, Tuning } from "../tuning.ts";
import { parseClusterName, parsePoolName } from "./names.ts";
import { MAX_SPILL, parseShardSize } from "./pick.ts";
import { type Parsed, refuse, show, value } from "./scalar.ts";
import { suggest } from "./suggest.ts";

/** What a customer's fields say, and what is wrong with those that say nothing. */
export interface ParsedTuning {
  readonly tuning: CustomerTuning;
  readonly problems: readonly TuningProblem[];
}

export interface TuningProblem {
  readonly field: string; // as written
  readonly at?: "key"; // about the field's name
  readonly message: string;
}

/**
 * Reads the fields of one customer, each by itself, as they stand in the file and in the store: `shard_size`, or `<pool>/shard_size`
 * for one pool alone. A field that is not understood is left out of the tuning. Never throws.
 */
export function parseTuning(fields: Readonly<Record<string, unknown>>): ParsedTuning {
  const everywhere: Draft = {};
  const byPool = new Map<string, Draft>();
  const problems: TuningProblem[] = [];
  for (const [field, written] of Object.entries(fields)) {
    const [name, pool] = splitField(field);
    const parse = FIELDS.get(name);
    const owner = pool === undefined ? undefined : parsePoolName(pool);
    if (parse === undefined)
      problems.push({ field, at: "key", message: `unknown key ${show(field)}; ${suggest(name, [...FIELDS.keys()])}` });
    else if (owner !== undefined && "why" in owner) problems.push({ field, at: "key", message: owner.why });
    else {
      const parsed = read(parse, written);
      if ("why" in parsed) problems.push({ field, message: parsed.why });
      else Object.assign(pool === undefined ? everywhere : draftOf(pool, byPool), parsed.value);
    }
  }
  return { tuning: { everywhere, byPool }, problems };
}

type Draft = { -readonly [K in keyof Tuning]: Tuning[K] };
type Parse = (text: string) => Parsed<Tuning>;

function draftOf(pool: string, byPool: Map<string, Draft>): Draft {
  const draft = byPool.get(pool) ?? {};
  byPool.set(pool, draft);
  return draft;
}

/** `<pool>/x` → x and its pool. */
export function splitField(field: string): readonly [name: string, pool: string | undefined] {
  const slash = field.indexOf("/");
  return slash < 0 ? [field, undefined] : [field.slice(slash + 1), field.slice(0, slash)];
}

/** The ids of a comma list, as written. */
export const splitIds = (text: string): readonly string[] => text.split(",").map((id) => id.trim());

function read(parse: Parse, written: unknown): Parsed<Tuning> {
  if (typeof written === "string" || typeof written === "number") return parse(String(written));
  return {
    why: `must be text or a number, but is ${written === null ? "empty" : Array.isArray(written) ? "a list" : `a ${typeof written}`}`,
  };
}

const sizeField: Parse = (text) => {
  const size = parseShardSize(text);
  return "why" in size ? size : value({ size: size.value });
};

const quarantineField: Parse = (text) => {
  if (text === "1") return value({ quarantine: "alone" });
  const parsed = parsePoolName(text);
  return "why" in parsed ? refuse(text, "is no quarantine; write 1, or the name of a pool") : value({ quarantine: { pool: parsed.value } });
};

/** Every field by its name. A note is for people alone. */
const FIELDS: ReadonlyMap<string, Parse> = new Map<string, Parse>([
  ["shard_size", sizeField],
  ["pin", (text) => idsField(text, (pin) => ({ pin }))],
  ["avoid", (text) => idsField(text, (avoid) => ({ avoid }))],
  ["quarantine", quarantineField],
  ["reseed", (text) => integerField(text, 2 ** 32 - 1, (reseed) => ({ reseed }))],
  ["spill", (text) => integerField(text, MAX_SPILL, (spill) => ({ spill }))],
  ["note", () => value({})],
]);

function idsField(text: string, make: (ids: readonly string[]) => Tuning): Parsed<Tuning> {
  const parsed = splitIds(text).map(parseClusterName);
  const bad = parsed.find((id) => "why" in id);
  return bad !== undefined && "why" in bad ? bad : value(make(parsed.flatMap((id) => ("value" in id ? [id.value] : []))));
}

function integerField(text: string, most: number, make: (integer: number) => Tuning): Parsed<Tuning> {
  const isInteger = /^(0|[1-9][0-9]{0,9})$/.test(text) && Number(text) <= most;
  return isInteger ? value(make(Number(text))) : refuse(text, `is not a whole number from 0 to ${most}`);
}
