import { Reader } from "./reader.ts";

/** The tag of `attributes` in a ProcessingRequest. */
export const ATTRIBUTES = 0x4a;

/** The entry in which Envoy sends what the filter's request_attributes and response_attributes ask for. */
const FILTER = "envoy.filters.http.ext_proc";

// of an entry of a map, whose values are Structs, each a map again, whose values are Values
const KEY = 0x0a;
const VALUE = 0x12;
const FIELDS = 0x0a;

// of Value
const NUMBER_VALUE = 0x11;
const STRING_VALUE = 0x1a;

/**
 * The attributes of one message, left where they lie until somebody asks. Both questions throw MalformedMessage, and nothing else.
 * Of what is sent twice under one name the last one counts.
 */
export class Attributes {
  readonly #bytes: Uint8Array;
  readonly #at: number;

  /** `bytes` is a whole ProcessingRequest, sound on the outside, with the first of its attributes at `at`. */
  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** A text, as a byte string; undefined when there is none of this name. */
  text(name: string): string | undefined {
    const value = this.#find(name);
    return typeof value === "string" ? value : undefined;
  }

  /** A number; undefined when there is none of this name. */
  number(name: string): number | undefined {
    const value = this.#find(name);
    return typeof value === "number" ? value : undefined;
  }

  #find(name: string): Value {
    const reader = new Reader(this.#bytes, "ProcessingRequest");
    reader.at = this.#at;
    let found: Value;
    while (reader.hasMore) {
      const tag = reader.tag();
      if (tag === ATTRIBUTES) found = readEntry(reader, name, found);
      else reader.skip(tag);
    }
    return found;
  }
}

type Value = string | number | undefined;

// Each of these reads one message, and returns what is found so far: `before`, unless the message says otherwise.

function readEntry(reader: Reader, name: string, before: Value): Value {
  const outer = reader.enter();
  let isOurs = false;
  let found: Value;
  while (reader.hasMore) {
    const tag = reader.tag();
    if (tag === KEY) isOurs = readIs(reader, FILTER);
    else if (tag === VALUE) found = readStruct(reader, name, found);
    else reader.skip(tag);
  }
  reader.leave(outer);
  return isOurs ? found : before;
}

function readStruct(reader: Reader, name: string, before: Value): Value {
  const outer = reader.enter();
  let found = before;
  while (reader.hasMore) {
    const tag = reader.tag();
    if (tag === FIELDS) found = readField(reader, name, found);
    else reader.skip(tag);
  }
  reader.leave(outer);
  return found;
}

function readField(reader: Reader, name: string, before: Value): Value {
  const outer = reader.enter();
  let isNamed = false;
  let found: Value;
  while (reader.hasMore) {
    const tag = reader.tag();
    if (tag === KEY) isNamed = readIs(reader, name);
    else if (tag === VALUE) found = readValue(reader, found);
    else reader.skip(tag);
  }
  reader.leave(outer);
  return isNamed ? found : before;
}

function readValue(reader: Reader, before: Value): Value {
  const outer = reader.enter();
  let found = before;
  while (reader.hasMore) {
    const tag = reader.tag();
    const at = reader.at;
    if (tag === STRING_VALUE) found = readByteString(reader);
    else {
      reader.skip(tag);
      if (tag === NUMBER_VALUE) found = new DataView(reader.bytes.buffer, reader.bytes.byteOffset + at, 8).getFloat64(0, true);
    }
  }
  reader.leave(outer);
  return found;
}

function readByteString(reader: Reader): string {
  const end = reader.spanEnd();
  const { bytes, at } = reader;
  reader.at = end;
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at).toString("latin1");
}

/** Whether the bytes that come next are these, of ASCII. */
function readIs(reader: Reader, expected: string): boolean {
  const end = reader.spanEnd();
  const { bytes, at } = reader;
  reader.at = end;
  if (end - at !== expected.length) return false;
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected.charCodeAt(i)) return false;
  return true;
}
