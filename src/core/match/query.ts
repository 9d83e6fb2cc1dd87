/**
 * The first value of a query parameter, not decoded; "" for one without `=`; undefined when there is none of this name.
 * As Envoy reads them (QueryParamsMulti::parseQueryString): from the first `?` to the end, a fragment included.
 */
export function findParameter(path: string, name: string): string | undefined {
  const question = path.indexOf("?");
  if (question < 0) return undefined;
  for (let at = question + 1; at < path.length; ) {
    const ampersand = path.indexOf("&", at);
    const end = ampersand < 0 ? path.length : ampersand;
    if (path.startsWith(name, at)) {
      const after = at + name.length;
      if (after === end) return "";
      if (after < end && path.charCodeAt(after) === EQUALS) return path.slice(after + 1, end);
    }
    at = end + 1;
  }
  return undefined;
}

const EQUALS = 0x3d;
