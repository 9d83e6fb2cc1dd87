import type { Edit, Edits } from "./output.ts";
import type { HeaderChange } from "./route-rules.ts";
import { type Filled, fill, MAX_FILLED, type Scope } from "./template.ts";

/** What a route's header changes come to. */
export interface Changed {
  readonly edits: Edits; // in order, those that can be made
  readonly misfit: string | undefined; // why the first one that cannot be made cannot
}

/** A route's header changes for one exchange. Never throws. */
export function editsOf(changes: readonly HeaderChange[], scope: Scope): Changed {
  const edits: Edit[] = [];
  let misfit: string | undefined;
  let left = MAX_FILLED;
  for (const change of changes) {
    const constant = constantOf(change);
    if (constant !== undefined) {
      edits.push(constant);
      continue;
    }
    const filled: Filled = fill(change.value, scope, left);
    if ("misfit" in filled) misfit ??= filled.misfit;
    else {
      edits.push(editOf(change, filled.text));
      left -= filled.text.length;
    }
  }
  return { edits, misfit };
}

/** Edits without variables, made once: the same object each time, so that whole replies can be shared. */
const CONSTANT = new WeakMap<HeaderChange, Edit>();

function constantOf(change: HeaderChange): Edit | undefined {
  const known = CONSTANT.get(change);
  if (known !== undefined) return known;
  const { parts } = change.value;
  if (!parts.every((part) => "text" in part)) return undefined;
  const edit = editOf(change, parts.map(({ text }) => text).join(""));
  CONSTANT.set(change, edit);
  return edit;
}

function editOf({ kind, name }: HeaderChange, text: string): Edit {
  if (kind === "remove") return { name, value: undefined };
  return kind === "add" ? { name, value: text, append: true } : { name, value: text };
}
