import { readVarint, varintSize, writeVarint } from "./varint.ts";

/**
 * What the store holds for one customer: the text of each field by its name, both byte strings, as written: `shard_size`, or
 * `<pool>/shard_size` for one pool. Nothing is understood here, for a text that cannot be is refused for its field alone, and what
 * counts instead (the last good one, the next in precedence) is known only where the fields are parsed: `parseTuning` takes this as it is.
 */
export type RawTuning = Readonly<Record<string, string>>;

/**
 * Names that take one byte each; every other is written out. The sum of a map is made of packed bytes: a name that came or
 * moved here would change it, and with it the versions of two instances of which one is older.
 */
const SHORT_NAMES: readonly string[] = ["shard_size", "pin", "avoid", "quarantine", "reseed", "spill", "note", "limit"];
const CODES: ReadonlyMap<string, number> = new Map(SHORT_NAMES.map((name, code) => [name, code]));

/** The size of the fields when packed, at most. */
export function fieldsSize(tuning: RawTuning): number {
  let size = 0;
  for (const name of Object.keys(tuning)) size += 10 + name.length + (tuning[name] ?? "").length; // two varints of five bytes
  return size;
}

/** Returns where they end. In the order of their names: the store gives them in any, and the same fields must be the same bytes. */
export function writeFields(tuning: RawTuning, bytes: Uint8Array, at: number): number {
  let next = at;
  const names = Object.keys(tuning);
  if (names.length > 1) names.sort();
  for (const name of names) {
    const code = CODES.get(name);
    if (code !== undefined) bytes[next++] = code;
    else next = writeChars(name, bytes, writeVarint(SHORT_NAMES.length + name.length, bytes, next));
    const text = tuning[name] ?? "";
    next = writeChars(text, bytes, writeVarint(text.length, bytes, next));
  }
  return next;
}

/** Reads all of them from `at` to `end`. */
export function readFields(bytes: Uint8Array, at: number, end: number): RawTuning {
  const fields: Record<string, string> = {};
  for (let next = at; next < end; ) {
    const code = readVarint(bytes, next);
    next += varintSize(code);
    const nameEnd = next + Math.max(0, code - SHORT_NAMES.length);
    const name = SHORT_NAMES[code] ?? readChars(bytes, next, nameEnd);
    const size = readVarint(bytes, nameEnd);
    next = nameEnd + varintSize(size) + size;
    const text = readChars(bytes, next - size, next);
    if (name === "__proto__") Object.defineProperty(fields, name, { value: text, enumerable: true, writable: true, configurable: true });
    else fields[name] = text;
  }
  return fields;
}

/** A byte string's bytes. Returns where they end. */
export function writeChars(chars: string, bytes: Uint8Array, at: number): number {
  for (let i = 0; i < chars.length; i++) bytes[at + i] = chars.charCodeAt(i);
  return at + chars.length;
}

/** The byte string from `at` to `end`. */
export function readChars(bytes: Uint8Array, at: number, end: number): string {
  if (end - at > MAX_LOOP) return Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at).toString("latin1");
  let chars = "";
  for (let i = at; i < end; i++) chars += String.fromCharCode(bytes[i] ?? 0);
  return chars;
}

/** Up to so many chars a loop is faster than a call out of JavaScript, and no rope is built. */
const MAX_LOOP = 12;
