import type { Headers, Name, NameTest } from "../core/exchange.ts";
import type { Reader } from "./reader.ts";

/** Lines of one message that are kept apart: some hundred times what Envoy lets through. Empty ones would take 30 times their bytes. */
export const MAX_LINES = 16_384;

/** Where one header line lies in its message. */
export interface Line {
  readonly nameAt: number;
  readonly nameEnd: number;
  readonly valueAt: number;
  readonly valueEnd: number;
}

/** Reads the HeaderMap that is the next field's value, and adds its lines. Throws MalformedMessage, for too many of them too. */
export function readHeaderMap(reader: Reader, lines: Line[]): void {
  const outer = reader.enter();
  while (reader.hasMore) {
    const tag = reader.tag();
    if (tag !== HEADERS) reader.skip(tag);
    else if (lines.length < MAX_LINES) lines.push(readLine(reader));
    else reader.fail(`more than ${MAX_LINES} header lines`);
  }
  reader.leave(outer);
}

const HEADERS = 0x0a;
const KEY = 0x0a;
const VALUE = 0x12;
const RAW_VALUE = 0x1a;

/** Envoy fills `raw_value`, other clients may fill `value`. Of a field that is repeated the last one counts. */
function readLine(reader: Reader): Line {
  const outer = reader.enter();
  let nameAt = 0;
  let nameEnd = 0;
  let valueAt = 0;
  let valueEnd = 0;
  let rawAt = 0;
  let rawEnd = 0;
  while (reader.hasMore) {
    const tag = reader.tag();
    if (tag === KEY) {
      nameEnd = reader.spanEnd();
      nameAt = reader.at;
      reader.at = nameEnd;
    } else if (tag === VALUE) {
      valueEnd = reader.spanEnd();
      valueAt = reader.at;
      reader.at = valueEnd;
    } else if (tag === RAW_VALUE) {
      rawEnd = reader.spanEnd();
      rawAt = reader.at;
      reader.at = rawEnd;
    } else reader.skip(tag);
  }
  reader.leave(outer);
  return rawEnd > rawAt ? { nameAt, nameEnd, valueAt: rawAt, valueEnd: rawEnd } : { nameAt, nameEnd, valueAt, valueEnd };
}

/** Header lines left where they lie: a name or value becomes a string when somebody reads it. Never throws. */
export class WireHeaders implements Headers {
  readonly #bytes: Buffer;
  readonly #lines: readonly Line[];

  /** `bytes` are kept, and must not change as long as anybody reads the headers. */
  constructor(bytes: Uint8Array, lines: readonly Line[]) {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#lines = lines;
  }

  get(name: string): string | undefined {
    for (const line of this.#lines) if (this.#isNamed(line, name)) return this.#value(line);
    return undefined;
  }

  all(name: string): readonly string[] {
    const values: string[] = [];
    for (const line of this.#lines) if (this.#isNamed(line, name)) values.push(this.#value(line));
    return values;
  }

  names(isWanted?: NameTest): readonly string[] {
    const names: string[] = [];
    const name = new WireName(this.#bytes); // one for all lines
    for (const line of this.#lines) if (isWanted === undefined || isWanted(name.of(line))) names.push(this.#name(line));
    return names;
  }

  #isNamed({ nameAt, nameEnd }: Line, name: string): boolean {
    if (nameEnd - nameAt !== name.length) return false;
    for (let i = 0; i < name.length; i++) if (lower(this.#bytes[nameAt + i]) !== name.charCodeAt(i)) return false;
    return true;
  }

  #value({ valueAt, valueEnd }: Line): string {
    return this.#bytes.toString("latin1", valueAt, valueEnd);
  }

  #name({ nameAt, nameEnd }: Line): string {
    return this.#bytes.toString("latin1", nameAt, nameEnd).replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  }
}

/** ASCII alone: above it every byte is somebody's. */
const lower = (byte: number | undefined = 0): number => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte);

/** The name of one line after the other, to be looked at where it lies. */
class WireName implements Name {
  readonly #bytes: Uint8Array;
  #at = 0;
  length = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  of({ nameAt, nameEnd }: Line): this {
    this.#at = nameAt;
    this.length = nameEnd - nameAt;
    return this;
  }

  charCodeAt(index: number): number {
    return index < this.length ? (this.#bytes[this.#at + index] ?? Number.NaN) : Number.NaN;
  }
}
