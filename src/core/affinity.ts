import { type Key, requestKey } from "./deal/key.ts";
import type { Exchange, Headers } from "./exchange.ts";
import { withoutQuery } from "./match/path.ts";
import type { PickRules } from "./rules.ts";
import { variableOf } from "./template.ts";

/** The key of what a request sticks to a target by; undefined where it has none, or the pool picks otherwise. riffle-1, 3.7. */
export function requestKeyOf(exchange: Exchange, pick: PickRules): Key | undefined {
  const text = pick.kind === "affinity" ? textOf(exchange, pick) : undefined;
  return text === undefined ? undefined : requestKey(text);
}

type Affinity = Extract<PickRules, { readonly kind: "affinity" }>;

function textOf(exchange: Exchange, affinity: Affinity): string | undefined {
  const { headers, sourceIp } = exchange;
  switch (affinity.by) {
    case "header":
      return headers.get(affinity.name);
    case "cookie":
      return cookieOf(headers, affinity.name);
    case "variable":
      return variableOf(affinity.name, exchange);
    case "path":
      return withoutQuery(headers.get(":path") ?? "");
    case "source_ip":
      return sourceIp;
  }
}

/** The value of the first cookie of this name, its quotes taken off; HTTP/2 may bring a line for each cookie. RFC 6265 §4.2. */
function cookieOf(headers: Headers, name: string): string | undefined {
  for (const line of headers.all("cookie")) {
    for (const pair of line.split(";")) {
      const equals = pair.indexOf("=");
      if (equals >= 0 && pair.slice(0, equals).trim() === name) return unquote(pair.slice(equals + 1).trim());
    }
  }
  return undefined;
}

const unquote = (value: string): string => (value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value);
