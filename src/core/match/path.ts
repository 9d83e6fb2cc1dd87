/** A `:path` without its query and fragment, as Envoy matches it. */
export function withoutQuery(path: string): string {
  const query = path.indexOf("?");
  const fragment = path.indexOf("#");
  if (query < 0 && fragment < 0) return path;
  return path.slice(0, query < 0 || (fragment >= 0 && fragment < query) ? fragment : query);
}
