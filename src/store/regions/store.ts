import { encodeId } from "../../core/bytes.ts";
import { Outage } from "../../core/outage.ts";
import type { RedisPort } from "../redis.ts";
import type { Line } from "./http.ts";
import { failed, NONE, parseWord, type Reply, unheard } from "./reply.ts";

/** The longest region. */
const MAX_BYTES = 256;

/** A line to a table in the store: the hash `riffle:region:<discovery>`. The connection is the store's, and stays when the line closes. */
export function openStoreLine(redis: Pick<RedisPort, "ready" | "hget">, discovery: string): Line {
  const hash = `riffle:region:${encodeId(discovery)}`;
  const ask = async (key: string): Promise<Reply> => {
    try {
      const value = await redis.hget(hash, encodeId(key));
      if (value === undefined) return NONE;
      return value.length > MAX_BYTES
        ? failed(`a value of more than ${MAX_BYTES} bytes`)
        : parseWord(value.toString("latin1"), "the value");
    } catch (cause) {
      return describe(cause);
    }
  };
  return { ready: redis.ready, ask, close: async () => undefined };
}

/** Nothing is asked again at once: a connection is not back in so short a time, and a server that has refused stays with it. */
function describe(cause: unknown): Reply {
  if (!(cause instanceof Outage)) return failed("the store's client is broken");
  return cause.code === "away" || cause.code === "late" ? unheard(cause.message) : failed(cause.message);
}
