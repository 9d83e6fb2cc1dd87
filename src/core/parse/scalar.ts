/** What one value of the document means, or why it means nothing: one line with the remedy. */
export type Parsed<T> = { readonly value: T } | { readonly why: string };

/** A value that is understood. */
export const value = <T>(parsed: T): Parsed<T> => ({ value: parsed });

/** A value that is not, shown as it was written. */
export const refuse = (written: unknown, why: string): Parsed<never> => ({ why: `${show(written)} ${why}` });

/** A value from the document for a message: quoted, on one line, harmless to a terminal, without a URL's credentials, and cut when long. */
export function show(written: unknown): string {
  if (typeof written !== "string") return String(written);
  const harmless = written.replace(CREDENTIALS, "://…@"); // before the cut: it could hide the @ that makes them out
  const text = harmless.length > MAX_SHOWN ? `${harmless.slice(0, MAX_SHOWN)}…` : harmless;
  return JSON.stringify(text).replace(INVISIBLE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const MAX_SHOWN = 80;

/** A name and password in a URL, wherever a slip of the pen has put it: they are nobody's to read in a log. */
const CREDENTIALS = /:\/\/\S*@/g;

/** What JSON leaves as it is and a line of text cannot bear: DEL and C1 controls, line separators, changes of direction. */
const INVISIBLE = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
