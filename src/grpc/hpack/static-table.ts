import type { HeaderField } from "./field.ts";

/** How many indices are the static table's; those of the dynamic table follow. */
export const STATIC_ENTRIES = 61;

/** The entry at an index of 1 to STATIC_ENTRIES, always the same object; undefined at any other. RFC 7541 §2.3.1. */
export const staticEntry = (index: number): HeaderField | undefined => ENTRIES[index - 1];

/** The index of the first entry with this name; 0 when there is none. */
export const staticNameIndex = (name: string): number => FIRST_BY_NAME.get(name) ?? 0;

/** The index of the entry with this name and value; 0 when there is none. */
export function staticIndex({ name, value }: HeaderField): number {
  // Entries of one name are neighbours.
  for (let index = staticNameIndex(name); staticEntry(index)?.name === name; index++) {
    if (staticEntry(index)?.value === value) return index;
  }
  return 0;
}

/** RFC 7541, Appendix A. */
const ENTRIES: readonly HeaderField[] = [
  { name: ":authority", value: "" },
  { name: ":method", value: "GET" },
  { name: ":method", value: "POST" },
  { name: ":path", value: "/" },
  { name: ":path", value: "/index.html" },
  { name: ":scheme", value: "http" },
  { name: ":scheme", value: "https" },
  { name: ":status", value: "200" },
  { name: ":status", value: "204" },
  { name: ":status", value: "206" },
  { name: ":status", value: "304" },
  { name: ":status", value: "400" },
  { name: ":status", value: "404" },
  { name: ":status", value: "500" },
  { name: "accept-charset", value: "" },
  { name: "accept-encoding", value: "gzip, deflate" },
  { name: "accept-language", value: "" },
  { name: "accept-ranges", value: "" },
  { name: "accept", value: "" },
  { name: "access-control-allow-origin", value: "" },
  { name: "age", value: "" },
  { name: "allow", value: "" },
  { name: "authorization", value: "" },
  { name: "cache-control", value: "" },
  { name: "content-disposition", value: "" },
  { name: "content-encoding", value: "" },
  { name: "content-language", value: "" },
  { name: "content-length", value: "" },
  { name: "content-location", value: "" },
  { name: "content-range", value: "" },
  { name: "content-type", value: "" },
  { name: "cookie", value: "" },
  { name: "date", value: "" },
  { name: "etag", value: "" },
  { name: "expect", value: "" },
  { name: "expires", value: "" },
  { name: "from", value: "" },
  { name: "host", value: "" },
  { name: "if-match", value: "" },
  { name: "if-modified-since", value: "" },
  { name: "if-none-match", value: "" },
  { name: "if-range", value: "" },
  { name: "if-unmodified-since", value: "" },
  { name: "last-modified", value: "" },
  { name: "link", value: "" },
  { name: "location", value: "" },
  { name: "max-forwards", value: "" },
  { name: "proxy-authenticate", value: "" },
  { name: "proxy-authorization", value: "" },
  { name: "range", value: "" },
  { name: "referer", value: "" },
  { name: "refresh", value: "" },
  { name: "retry-after", value: "" },
  { name: "server", value: "" },
  { name: "set-cookie", value: "" },
  { name: "strict-transport-security", value: "" },
  { name: "transfer-encoding", value: "" },
  { name: "user-agent", value: "" },
  { name: "vary", value: "" },
  { name: "via", value: "" },
  { name: "www-authenticate", value: "" },
];

const FIRST_BY_NAME: ReadonlyMap<string, number> = new Map(ENTRIES.map(({ name }, place) => [name, place + 1] as const).reverse());
