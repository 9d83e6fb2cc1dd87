import type { RedisRules } from "../rules.ts";
import { parseListener, parsePeer } from "./address.ts";
import { type Parsed, value } from "./scalar.ts";

/** Where Redis listens unless told otherwise. */
const DEFAULT_PORT = 6379;

/**
 * Reads where Redis is: `redis://[[user]:password@]host[:port][/database]`, the same with `rediss:` for TLS, or `unix:path`, whose path
 * comes out as written. No refusal shows what was written: it may hold a password.
 */
export function parseRedis(text: string): Parsed<RedisRules> {
  if (text.startsWith("unix:")) return parseSocket(text);
  const [, scheme, credentials, where = "", database = "0"] = /^(rediss?):\/\/(?:(.*)@)?([^/?#@]+)(?:\/([0-9]{1,5})?)?$/.exec(text) ?? [];
  if (scheme === undefined) return { why: `is no Redis URL; write ${FORMS}` };
  const address = parsePeer(/:[0-9]*$/.test(where) && !where.endsWith("]") ? where : `${where}:${DEFAULT_PORT}`);
  if ("why" in address) return { why: `names no host and port; write ${FORMS}` };
  const login = parseLogin(credentials);
  return "why" in login
    ? login
    : value({ ...login.value, address: address.value, hasTls: scheme === "rediss", database: Number(database) });
}

const FORMS = "redis://127.0.0.1:6379, rediss:// for TLS, or unix:/run/redis.sock";

function parseSocket(text: string): Parsed<RedisRules> {
  const address = parseListener(text);
  if ("why" in address) return address;
  return value({ address: address.value, hasTls: false, user: undefined, password: undefined, database: 0 });
}

/** A password alone stands behind a colon, as everywhere in Redis' world: what stands before it is a user's name. */
function parseLogin(text: string | undefined): Parsed<Pick<RedisRules, "user" | "password">> {
  if (text === undefined) return value({ user: undefined, password: undefined });
  const [, user, password] = /^([^:/?#@]*):([^:/?#@]+)$/.exec(text) ?? [];
  const plain = [decode(user), decode(password)];
  if (plain.includes(undefined))
    return { why: "has no user:password or :password before the @; write every character but letters and digits in them as %XX" };
  return value({ user: plain[0] || undefined, password: plain[1] });
}

function decode(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return undefined; // % without two hex digits, or no UTF-8
  }
}
