import { MAX_CUSTOMER_BYTES, type Problem } from "../rules.ts";
import { children, type Found, find, findText } from "./find.ts";
import { show } from "./scalar.ts";
import { suggest } from "./suggest.ts";
import { parseTuning, splitField, splitIds } from "./tuning.ts";

/** Every field of every customer is understood, and names pools and targets that there are. */
export function checkCustomers(document: unknown): readonly Problem[] {
  const known = readKnown(document);
  return find(document, "customers.*").flatMap((customer) => [...checkId(customer), ...checkFields(customer, known)]);
}

function checkId({ path }: Found): readonly Problem[] {
  const id = String(path.at(-1));
  if (!id.isWellFormed()) return [{ path, at: "key", message: `${show(id)} holds half a surrogate pair; write valid text` }];
  if (id !== "" && Buffer.byteLength(id) <= MAX_CUSTOMER_BYTES) return [];
  return [{ path, at: "key", message: `${show(id)} is not a customer; an id has 1 to ${MAX_CUSTOMER_BYTES} bytes` }];
}

function checkFields({ path, value }: Found, known: Known): readonly Problem[] {
  if (Array.isArray(value)) return []; // the schema says so; and so it does of a field that is neither text nor a number
  const fields = children(value).filter(([, written]) => typeof written === "string" || typeof written === "number");
  const { problems } = parseTuning(Object.fromEntries(fields));
  const bad = new Set(problems.map(({ field }) => field));
  const own = problems.map(({ field, at, message }): Problem => {
    const place = { path: [...path, field], message: `${customerAt(path)}: ${at === undefined ? `${field} ` : ""}${message}` };
    return at === undefined ? place : { ...place, at };
  });
  const understood = fields.filter(([field]) => !bad.has(String(field)));
  return [...own, ...understood.flatMap(([field, written]) => checkNames({ path: [...path, field], value: String(written) }, known))];
}

const customerAt = (path: Found["path"]): string => `customer ${show(String(path[1]))}`;

/** The value, text or a number, is understood by itself. */
function checkNames({ path, value: written }: Found & { readonly value: string }, { pools, targets }: Known): readonly Problem[] {
  const [name, pool] = splitField(String(path.at(-1)));
  const customer = customerAt(path);
  if (pool !== undefined && !pools.has(pool)) {
    return [{ path, at: "key", message: `${customer}: pool ${show(pool)} does not exist; ${suggest(pool, [...pools.keys()])}` }];
  }
  if (name === "quarantine" && written !== "1" && !pools.has(written)) {
    return [{ path, message: `${customer}: quarantine ${show(written)} is no pool; ${suggest(written, [...pools.keys()])}` }];
  }
  if (name !== "pin" && name !== "avoid") return [];
  const ids = (pool === undefined ? undefined : pools.get(pool)) ?? targets;
  const where = pool === undefined ? "any pool" : `pool ${pool}`;
  return splitIds(written)
    .filter((id) => !ids.has(id))
    .map((id) => ({ path, message: `${customer}: ${name} ${show(id)} is no target of ${where}; ${suggest(id, [...ids])}` }));
}

/** The names there are. */
interface Known {
  readonly pools: ReadonlyMap<string, ReadonlySet<string>>; // the ids of its targets, by name
  readonly targets: ReadonlySet<string>; // of all pools
}

function readKnown(document: unknown): Known {
  const entries = find(document, "pools.*").map(
    ({ path, value }) => [String(path.at(-1)), new Set(findText(value, "targets.*.id").map(({ value: id }) => id))] as const,
  );
  return { pools: new Map(entries), targets: new Set(entries.flatMap(([, ids]) => [...ids])) };
}
