import type { Headers } from "./exchange.ts";
import { type CustomerSource, MAX_CUSTOMER_BYTES, type Rules } from "./rules.ts";

/** What `missing: anonymous` calls everybody without a name; no source may yield it. */
export const ANONYMOUS = "anonymous";

/**
 * Whose request it is, as far as its headers say, for what only has to tell customers apart: a byte string, of the first
 * source that yields a name that can be used. A repeated header yields none (whose request would it be?), nor do the
 * reserved name and an id that is too long. Undefined: nobody's, whatever `missing` makes of it. The policy `customer`
 * decides what becomes of such requests.
 */
export function customerOf(headers: Headers, { from }: Pick<Rules["customer"], "from">): string | undefined {
  for (const source of from) {
    const name = nameFrom(source, headers);
    if (name !== undefined) return name;
  }
  return undefined;
}

/** Whether a source has said a name at all. */
export const isName = (value: string | undefined): value is string => value !== undefined && value !== "" && value !== ANONYMOUS;

function nameFrom({ header }: CustomerSource, headers: Headers): string | undefined {
  const lines = headers.all(header);
  const [value] = lines;
  return lines.length === 1 && isName(value) && value.length <= MAX_CUSTOMER_BYTES ? value : undefined;
}
