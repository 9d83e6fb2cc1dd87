import { toByteString } from "../core/bytes.ts";
import { createHeaders, type Headers } from "../core/exchange.ts";
import { UserError } from "./user-error.ts";

/** A request as written on a command line. */
export interface WrittenRequest {
  readonly method: string;
  readonly url: string; // http://host/path?query, or /path
  readonly header: readonly string[]; // "name: value"
}

/** The lines of a written request as Envoy would show them, pseudo-headers first. Throws UserError for what is no request. */
export function requestLines({ method, url, header }: WrittenRequest): readonly (readonly [name: string, value: string])[] {
  const [, scheme = "http", authority, path = "/"] = /^(?:(https?):\/\/([^/?#]+))?([/?][^#]*)?(?:#.*)?$/.exec(url) ?? refuse(url);
  const lines = header.map(parseLine);
  const host = lines.find(([name]) => name === "host")?.[1];
  return [
    [":method", toByteString(method.toUpperCase())],
    [":scheme", scheme],
    [":authority", host ?? toByteString(authority ?? "localhost")],
    [":path", toByteString(path.startsWith("/") ? path : `/${path}`)],
    ...lines.filter(([name]) => name !== "host"),
  ];
}

/** The same as headers to decide about. */
export const requestHeaders = (request: WrittenRequest): Headers => createHeaders(requestLines(request));

function parseLine(line: string): readonly [string, string] {
  const [, name, value = ""] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.*)$/s.exec(line) ?? [];
  if (name === undefined) throw new UserError(`--header ${JSON.stringify(line)}: not a header; write it as 'name: value'`);
  return [name.toLowerCase(), toByteString(value.trim())];
}

function refuse(url: string): never {
  throw new UserError(`${JSON.stringify(url)}: not a URL; write http://host/path or /path`);
}
