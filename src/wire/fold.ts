import type { Edit, Edits } from "../core/output.ts";

/** An edit that gives a header a value. */
export type SetEdit = Edit & { readonly value: string };

/** Header changes in Envoy's order: it removes first, then sets, whatever order they were decided in. */
export interface Folded {
  readonly removed: readonly string[];
  readonly set: readonly SetEdit[];
}

/**
 * What a list of edits comes to. Of two that name one header the later one counts; an `append` adds to what those before it left.
 * Throws TypeError for a name or value with which Envoy would fail the whole request.
 */
export function fold(edits: Edits): Folded {
  const removed: string[] = [];
  const set: SetEdit[] = [];
  const settled = new Set<string>(); // names of which a later edit has had the last word
  for (const edit of edits.toReversed()) {
    checkEdit(edit);
    if (settled.has(edit.name)) continue;
    if (isSet(edit)) set.push(edit);
    else removed.push(edit.name);
    if (!edit.append) settled.add(edit.name);
  }
  return { removed: removed.reverse(), set: set.reverse() };
}

const isSet = (edit: Edit): edit is SetEdit => edit.value !== undefined;

const NAME = /^:?[!#$%&'*+.^_`|~0-9a-z-]+$/; // RFC 9110 §5.6.2, lower case as in HTTP/2; Envoy's pseudo-headers too
const BAD_VALUE = /[^\t\x20-\xff]|\x7f/; // what is no byte, and the control characters but TAB: RFC 9110 §5.5

/** Envoy fails the request for CR, LF or NUL and for a bad name; with an empty name the upstream does. */
function checkEdit({ name, value }: Edit): void {
  if (!NAME.test(name)) throw new TypeError(`not a header name: ${JSON.stringify(name)}`);
  if (value !== undefined && BAD_VALUE.test(value)) throw new TypeError(`not a value for header ${name}`);
}
