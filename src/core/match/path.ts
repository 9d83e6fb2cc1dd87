/** Where a `:path` ends without its query and fragment, as Envoy matches it. */
export function endOfPath(path: string): number {
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i);
    if (code === QUESTION || code === HASH) return i;
  }
  return path.length;
}

/** A `:path` without its query and fragment, as Envoy matches it. */
export function withoutQuery(path: string): string {
  const end = endOfPath(path);
  return end === path.length ? path : path.slice(0, end);
}

/** Whether `path` up to `end` has this text at `at`. */
export const hasAt = (path: string, text: string, at: number, end: number): boolean => at + text.length <= end && path.startsWith(text, at);

const QUESTION = 0x3f;
const HASH = 0x23;
