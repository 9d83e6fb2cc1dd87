/**
 * Byte strings: one char per byte (Latin-1), the form of every header value, customer and request key in core, so that no
 * byte is lost or merged by decoding. Text becomes one at the door; it becomes text again for display only.
 */

/** Text (YAML, JWT, Redis, argv) → its UTF-8 bytes as a byte string. A lone surrogate becomes U+FFFD: refuse it before. */
export function toByteString(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** Byte string → text for people: UTF-8 where it is valid, every other byte as `\xNN`; control characters likewise. */
export function toDisplay(bytes: string): string {
  const text = decodeUtf8(bytes) ?? bytes.replace(/[\x80-\xff]/g, hexEscape);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not reach a terminal
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, hexEscape);
}

function decodeUtf8(bytes: string): string | undefined {
  if (isAscii(bytes)) return bytes;
  const text = Buffer.from(bytes, "latin1").toString("utf8");
  return text.includes("\ufffd") ? undefined : text;
}

/**
 * Byte string → the form that an id has in the store's keys and in a URL: `A–Z a–z 0–9 . _ ~ -` stand (RFC 3986 §2.3), every other byte
 * is `%XX`. No two ids become one, and none can end what it stands in.
 */
export const encodeId = (bytes: string): string => bytes.replace(/[^A-Za-z0-9._~-]/g, percentEscape);

/** One byte as `%XX`. */
export const percentEscape = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;

const hexEscape = (char: string): string => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
