import { toDisplay } from "../bytes.ts";
import type { Asked } from "./asked.ts";

/** One thing that has to hold for a route to match. */
export interface Condition {
  holds(asked: Asked): boolean;
  /** Why it does not hold, in one short line, for people. */
  why(asked: Asked): string;
}

/** What a text has to be, and how that is said in a sentence: "… is not /health". */
export interface TextTest {
  readonly passes: (text: string) => boolean;
  readonly yes: string; // "is /health"
  readonly no: string; // "is not /health"
}

/** A byte string in a sentence: readable, on one line, cut when it is long. */
export function shown(bytes: string): string {
  if (bytes === "") return '""';
  return bytes.length > MAX_SHOWN ? `${toDisplay(bytes.slice(0, MAX_SHOWN))}…` : toDisplay(bytes);
}

const MAX_SHOWN = 100;
