import type { Problem } from "../rules.ts";
import { children, type Found, find, findText } from "./find.ts";
import { show } from "./scalar.ts";
import { suggest } from "./suggest.ts";
import { parseTuning, splitField } from "./tuning.ts";

/** Every field of every customer is understood, and names pools and targets that there are. */
export function checkCustomers(document: unknown): readonly Problem[] {
  const targets = targetsByPool(document);
  return find(document, "customers.*").flatMap((customer) => [...checkId(customer), ...checkFields(customer, targets)]);
}

const MAX_BYTES = 256; // a longer id no request can have

function checkId({ path }: Found): readonly Problem[] {
  const id = String(path.at(-1));
  if (!id.isWellFormed()) return [{ path, at: "key", message: `${show(id)} holds half a surrogate pair; write valid text` }];
  if (id !== "" && Buffer.byteLength(id) <= MAX_BYTES) return [];
  return [{ path, at: "key", message: `${show(id)} is not a customer; an id has 1 to ${MAX_BYTES} bytes` }];
}

function checkFields({ path, value }: Found, targets: ReadonlyMap<string, ReadonlySet<string>>): readonly Problem[] {
  if (Array.isArray(value)) return []; // the schema says so; and so it does of a field that is neither text nor a number
  const fields = children(value).filter(([, written]) => typeof written === "string" || typeof written === "number");
  const { problems } = parseTuning(Object.fromEntries(fields));
  const bad = new Set(problems.map(({ field }) => field));
  const own = problems.map(({ field, at, message }): Problem => {
    const place = { path: [...path, field], message: `${customerAt(path)}: ${at === undefined ? `${field} ` : ""}${message}` };
    return at === undefined ? place : { ...place, at };
  });
  const understood = fields.filter(([field]) => !bad.has(String(field)));
  return [...own, ...understood.flatMap(([field, written]) => checkNames([...path, field], String(field), String(written), targets))];
}

const customerAt = (path: Found["path"]): string => `customer ${show(String(path[1]))}`;

/** `written` is understood by itself. */
function checkNames(
  path: Found["path"],
  field: string,
  written: string,
  targets: ReadonlyMap<string, ReadonlySet<string>>,
): readonly Problem[] {
  const [name, pool] = splitField(field);
  const customer = customerAt(path);
  if (pool !== undefined && !targets.has(pool)) {
    return [{ path, at: "key", message: `${customer}: pool ${show(pool)} does not exist; ${suggest(pool, [...targets.keys()])}` }];
  }
  if (name === "quarantine" && written !== "1" && !targets.has(written)) {
    return [{ path, message: `${customer}: quarantine ${show(written)} is no pool; ${suggest(written, [...targets.keys()])}` }];
  }
  if (name !== "pin" && name !== "avoid") return [];
  const known = pool === undefined ? new Set([...targets.values()].flatMap((ids) => [...ids])) : (targets.get(pool) ?? new Set());
  const where = pool === undefined ? "any pool" : `pool ${pool}`;
  return written
    .split(",")
    .map((id) => id.trim())
    .filter((id) => !known.has(id))
    .map((id) => ({ path, message: `${customer}: ${name} ${show(id)} is no target of ${where}; ${suggest(id, [...known])}` }));
}

const targetsByPool = (document: unknown): ReadonlyMap<string, ReadonlySet<string>> =>
  new Map(
    find(document, "pools.*").map(({ path, value }) => [
      String(path.at(-1)),
      new Set(findText(value, "targets.*.id").map(({ value: id }) => id)),
    ]),
  );
