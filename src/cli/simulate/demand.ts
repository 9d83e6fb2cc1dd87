import { readFile, stat } from "node:fs/promises";
import { toByteString, toDisplay } from "../../core/bytes.ts";
import type { Customers } from "../../core/simulate/plan.ts";
import { UserError } from "../user-error.ts";

/** A string cannot hold much more; ten million lines of 40 characters are below it. */
const MAX_BYTES = 400 * 1024 * 1024;

/** Customers 0 … count − 1, each as likely to be anybody as the next. */
export const numberedCustomers = (count: number): Customers => ({ count, name: (customer) => `customer-${customer}`, demand: undefined });

/**
 * The customers of a weights file and their demand: `{"acme": 12, …}` in JSON, or a line each, `acme 12` or `acme,12`; empty lines and
 * those that begin with # are passed over. Throws UserError with the place.
 */
export async function readDemand(file: string): Promise<Customers> {
  const text = await read(file);
  const rows = text.trimStart().startsWith("{") ? jsonRows(file, text) : lineRows(file, text);
  const demand = new Map<string, number>();
  for (const { customer, weight, place } of rows) {
    if (!(weight >= 0 && Number.isFinite(weight)))
      throw new UserError(`${place}: the weight of ${shown(customer)} is not a number from 0 on`);
    if (demand.has(customer)) throw new UserError(`${place}: ${shown(customer)} comes twice; add its weights up`);
    demand.set(customer, weight);
  }
  if (demand.size < 2) throw new UserError(`${file}: fewer than two customers; write a line each, customer and weight`);
  const names = [...demand.keys()];
  return { count: names.length, name: (customer) => toByteString(names[customer] ?? ""), demand: Float64Array.from(demand.values()) };
}

/** Control characters of a file stay out of the terminal. */
const shown = (customer: string): string => toDisplay(toByteString(customer));

interface Row {
  readonly customer: string;
  readonly weight: number;
  readonly place: string;
}

function* lineRows(file: string, text: string): Generator<Row> {
  let number = 0;
  for (const [line] of text.matchAll(/[^\n]*\n|[^\n]+$/g)) {
    number += 1;
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    const place = `${file}:${number}`;
    const [, customer, weight] = /^(.*\S)(?:\s*,\s*|\s+)(\S+)$/.exec(trimmed) ?? [];
    if (customer === undefined) throw new UserError(`${place}: is not a customer and its weight; write both: acme 12`);
    yield { customer, weight: Number(weight), place };
  }
}

function* jsonRows(file: string, text: string): Generator<Row> {
  for (const [customer, weight] of Object.entries(parse(file, text))) {
    yield { customer, weight: typeof weight === "number" ? weight : Number.NaN, place: file };
  }
}

function parse(file: string, text: string): object {
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document === "object" && document !== null) return document;
  } catch {
    // what JSON.parse says has no line: the remedy below says more
  }
  throw new UserError(`${file}: begins like JSON and is none; write {"customer": weight, …}, or a line each`);
}

async function read(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES)
      throw new UserError(`--weights ${file}: is larger than ${MAX_BYTES / 1024 / 1024} MiB; keep the heaviest customers`);
    return await readFile(file, "utf8");
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError(
      `--weights ${file}: cannot be read (${cause instanceof Error && "code" in cause ? cause.code : cause}); name a file`,
    );
  }
}
