import type { Edit } from "./output.ts";
import type { HeaderChange } from "./rules.ts";
import { expand, type Scope } from "./template.ts";

/**
 * A route's header changes for one exchange, in order; undefined when what a variable stands for cannot stand in a header: control
 * characters, which only a client can have brought. RFC 9110 §5.5.
 */
export function editsOf(changes: readonly HeaderChange[], scope: Scope): readonly Edit[] | undefined {
  const edits: Edit[] = [];
  for (const change of changes) {
    const edit = CONSTANT.get(change) ?? expandChange(change, scope);
    if (edit === undefined) return undefined;
    edits.push(edit);
  }
  return edits;
}

/** Edits without variables, made once: the same object each time, so that whole replies can be shared. */
const CONSTANT = new WeakMap<HeaderChange, Edit>();

function expandChange(change: HeaderChange, scope: Scope): Edit | undefined {
  const { kind, name, value } = change;
  if (kind === "remove") return remember(change, { name, value: undefined });
  const text = expand(value, scope);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(text)) return undefined;
  const edit: Edit = kind === "add" ? { name, value: text, append: true } : { name, value: text };
  return value.parts.every((part) => "text" in part) ? remember(change, edit) : edit;
}

function remember(change: HeaderChange, edit: Edit): Edit {
  CONSTANT.set(change, edit);
  return edit;
}
