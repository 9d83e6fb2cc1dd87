/** What a source said of a key. */
export type Reply =
  | { readonly kind: "region"; readonly region: string } // 1–256 visible ASCII characters
  | { readonly kind: "none" }
  | Failure;

/** It could not be asked, or said nothing of use. */
export interface Failure {
  readonly kind: "failed";
  readonly why: string; // for a log line: nothing in it comes from the source
  readonly mayRetry: boolean; // asking again at once may help
  readonly isUnheard?: true; // not a word was heard: no connection, or no answer in time
}

export const NONE: Reply = { kind: "none" };
export const failed = (why: string, mayRetry = false): Failure => ({ kind: "failed", why, mayRetry });
export const unheard = (why: string, mayRetry = false): Failure => ({ ...failed(why, mayRetry), isUnheard: true });

/** What a service answered: 200 with a JSON object, in which `field` (a path) names the region, or 404. Never throws. */
export function parseReply(status: number, body: string, field: readonly string[]): Reply {
  if (status === 404) return NONE;
  if (status !== 200) return failed(`status ${status}`, status >= 500);
  let value = parseJson(body);
  if (!isObject(value)) return failed("the answer is no JSON object");
  for (const key of field) {
    if (!isObject(value)) return failed(`${field.join(".")} leads through what is no object`);
    value = Object.hasOwn(value, key) ? value[key] : undefined;
    if (value === undefined || value === null) return NONE;
  }
  return typeof value === "string" ? parseWord(value, field.join(".")) : failed(`${field.join(".")} is no region`);
}

/** What a source says the region is: 1 to 256 visible ASCII characters, or a failure that names `subject`. */
export const parseWord = (word: string, subject: string): Reply =>
  REGION.test(word) ? { kind: "region", region: word } : failed(`${subject} is no region`);

const REGION = /^[\x21-\x7e]{1,256}$/; // no space, no control character: what may stand in a header as it is

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // which is no object
  }
}
