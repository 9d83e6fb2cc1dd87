/** Hex digits, blanks between them ignored → bytes. */
export const hex = (digits: string): Uint8Array => Uint8Array.from(Buffer.from(digits.replaceAll(/\s/g, ""), "hex"));

/** Byte strings and bytes, one after the other. */
export const bytes = (...parts: readonly (string | Uint8Array | readonly number[])[]): Uint8Array =>
  Uint8Array.from(Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part)))));
