import { parseSize, type Size } from "../deal/size.ts";
import type { PickRules } from "../rules.ts";
import { parseHeaderName } from "./header.ts";
import { type Parsed, refuse, value } from "./scalar.ts";

/** More than a customer would need, and few enough that a mistake does not open the whole pool. */
export const MAX_SPILL = 100;

const KINDS =
  "random, least_loaded, affinity:header:NAME, affinity:cookie:NAME, affinity:variable:NAME, affinity:path or affinity:source_ip";

/** Reads which member of a shard serves a request. */
export function parsePick(text: string): Parsed<PickRules> {
  if (text === "random" || text === "least_loaded") return value({ kind: text });
  const [, by, name = ""] = /^affinity:([a-z_]+)(?::(.*))?$/s.exec(text) ?? [];
  if ((by === "path" || by === "source_ip") && !text.endsWith(":") && name === "") return value({ kind: "affinity", by });
  if (by === "header") return parseAffinityHeader(name);
  if (by === "cookie") return parseCookie(name);
  if (by === "variable") return parseVariable(name);
  return refuse(text, `is no way to pick; write ${KINDS}`);
}

function parseAffinityHeader(name: string): Parsed<PickRules> {
  const parsed = parseHeaderName(name);
  return "why" in parsed ? parsed : value({ kind: "affinity", by: "header", name: parsed.value });
}

/** A cookie's name is a token, and letter case matters. RFC 6265 §4.1.1. */
function parseCookie(name: string): Parsed<PickRules> {
  if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/.test(name)) return value({ kind: "affinity", by: "cookie", name });
  return refuse(name, "is not a cookie's name; write affinity:cookie:NAME, such as affinity:cookie:session");
}

/** Of the templates of routes. */
function parseVariable(name: string): Parsed<PickRules> {
  if (/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name)) return value({ kind: "affinity", by: "variable", name });
  return refuse(name, "is not a variable's name; write affinity:variable:NAME, such as affinity:variable:id");
}

/** Reads a shard size, as `parseSize` does. */
export function parseShardSize(written: string | number): Parsed<Size> {
  const size = parseSize(written);
  return size ? value(size) : refuse(written, 'is not a shard size; write 1 or more targets, or "0.01%" to "100%" of the pool');
}

/** Reads a share of the customers, `0%`…`100%` → hundredths of a percent; 0% is how a rollout is taken back. */
export function parsePercent(text: string): Parsed<number> {
  if (/^0(\.0{1,2})?%$/.test(text)) return value(0);
  const size = parseSize(text);
  return size?.kind === "percent" ? value(size.basisPoints) : refuse(text, 'is not a share of the customers; write "0%" to "100%"');
}

/** Reads a share of a pool, `0.01%`…`100%` → hundredths of a percent. */
export function parseShare(text: string): Parsed<number> {
  const size = parseSize(text);
  return size?.kind === "percent" ? value(size.basisPoints) : refuse(text, 'is not a share of the pool; write "0.01%" to "100%"');
}
