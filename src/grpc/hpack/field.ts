/** One header field. Byte strings, one char per byte, as on the wire: nobody has looked at case, or at what a field may contain. */
export interface HeaderField {
  readonly name: string;
  readonly value: string;
}

/** A field's size in a dynamic table, and in a header list: RFC 7541 §4.1, RFC 9113 §6.5.2. */
export const fieldBytes = ({ name, value }: HeaderField): number => name.length + value.length + FIELD_OVERHEAD_BYTES;

/** What a field counts beyond its name and value; so no table has more entries than its bytes over 32. */
export const FIELD_OVERHEAD_BYTES = 32;
