/**
 * Bytes as RE2 reads them in a regex: UTF-8, in which a byte that is no part of a character is matched by nothing.
 * Undefined: there is such a byte. RE2's `.` also takes over-long forms, surrogates and what is above U+10FFFF, which no
 * class of certain characters does: U+10FFFF stands for all of these. (re2/compile.cc, Add_80_10ffff.)
 */
export function decodeRunes(bytes: string): string | undefined {
  return isAscii(bytes) ? bytes : decode(bytes);
}

function decode(bytes: string): string | undefined {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const first = bytes.charCodeAt(at);
    const length = lengthOf(first);
    if (length === 0) return undefined;
    let rune = length === 1 ? first : first & (0x7f >> length);
    for (let i = 1; i < length; i++) {
      const next = bytes.charCodeAt(at + i); // NaN behind the end
      if ((next & 0xc0) !== 0x80) return undefined;
      rune = (rune << 6) | (next & 0x3f);
    }
    text += String.fromCodePoint(isRegular(rune, length) ? rune : 0x10ffff);
    at += length;
  }
  return text;
}

/** Of the character that begins with this byte; 0 when none does. */
function lengthOf(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 3;
  return first < 0xf5 ? 4 : 0;
}

const LEAST = [0, 0, 0x80, 0x800, 0x10000]; // rune by its length

const isRegular = (rune: number, length: number): boolean =>
  rune >= (LEAST[length] ?? 0) && rune <= 0x10ffff && !(rune >= 0xd800 && rune <= 0xdfff);

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
