import type { RedisOptions } from "ioredis";
import { Outage } from "../../core/outage.ts";
import type { RedisRules } from "../../core/rules.ts";

/** One connection to a server that comes back by itself. What it says is bytes that nobody has looked at. */
export interface Client {
  /** The value of a hash's field; undefined: there is none. Rejects with Outage, some time: whoever waits has a clock of their own. */
  hget(key: string, field: string): Promise<Buffer | undefined>;
  /** Gives up the connection with all that is under way, and makes another. */
  reconnect(): void;
  /** For good. */
  close(): void;
}

export interface ClientParts {
  readonly name: string; // seen in CLIENT LIST
  readonly draw: () => number; // a number in [0, 1)
  readonly onUp: () => void; // from now on it takes commands
  readonly onDown: (why: string) => void; // until the next onUp it takes none; once for each attempt that fails as well
}

/** How a server is connected to. Resolves once there is a client, connected or not. */
export type Connect = (rules: RedisRules, parts: ClientParts) => Promise<Client>;

/** By ioredis, which alone takes 0.15 s to load: so it is, for those who have a store. The only file that knows it. */
export const connectRedis: Connect = async (rules, { name, draw, onUp, onDown }) => {
  const { Redis } = await import("ioredis");
  const retryStrategy = (attempt: number): number => retryMs(attempt, draw());
  const redis = new Redis({ ...whereIs(rules), ...SETTINGS, connectionName: name, retryStrategy });
  let why = CLOSED;
  redis.on("error", (cause: unknown) => {
    why = describe(cause);
  });
  redis.on("ready", () => {
    why = CLOSED;
    onUp();
  });
  redis.on("close", () => onDown(why));
  redis.connect().catch(heardByEvents);
  return {
    hget: async (key, field) => {
      const value: unknown = await redis.hgetBuffer(key, field).catch((cause: unknown) => Promise.reject(outageOf(cause)));
      if (value === null) return undefined;
      if (Buffer.isBuffer(value)) return value;
      throw new Outage("garbled", "the store answers with what is no value");
    },
    reconnect: () => redis.disconnect(true),
    close: () => redis.disconnect(),
  };
};

/**
 * Commands are never kept for later and never sent twice. There is no commandTimeout: it would cut the handshake short as well, and forget
 * commands that still wait in the client, so that nobody could count them.
 */
const SETTINGS = {
  lazyConnect: true, // connected to below, where a failure is no unhandled rejection
  protocol: 2, // nothing here needs 3, and an old server's refusal of HELLO repeats the password
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0, // a lost connection ends its commands at once
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  enableReadyCheck: true, // LOADING is not ready
  maxLoadingRetryTime: 500,
  connectTimeout: 1_000,
  socketTimeout: 250, // of silence while something is asked; it bounds the handshake too
  disconnectTimeout: 50, // a server that hangs answers no farewell
  keepAlive: 10_000,
  noDelay: true,
  disableClientInfo: true, // two commands fewer that a user would have to be granted
} as const satisfies RedisOptions;

const whereIs = ({ address, hasTls, user, password, database }: RedisRules) => ({
  ...(address.kind === "unix" ? { path: address.path } : { host: address.host, port: address.port }),
  ...(hasTls && { tls: {} }), // the host's name is verified; roots are Node's, and NODE_EXTRA_CA_CERTS
  ...(user !== undefined && { username: user }),
  ...(password !== undefined && { password }),
  db: database,
});

const MIN_RETRY_MS = 50;
const MAX_RETRY_MS = 1_000;

/** 50 ms, doubling to 1 s, each half as long or half as long again by chance: no herd comes back as one. For ever. */
const retryMs = (attempt: number, chance: number): number =>
  Math.min(MIN_RETRY_MS * 2 ** Math.min(attempt - 1, 10), MAX_RETRY_MS) * (0.5 + chance);

const CLOSED = "the connection was closed";

/** The events say the same. */
const heardByEvents = (): void => undefined;

// Of the library's errors only codes are read: their texts may hold what the server was sent, the password among it.

/** What became of a connection. */
function describe(cause: unknown): string {
  const { code, message }: { readonly code?: unknown; readonly message?: string } = cause instanceof Error ? cause : {};
  if (typeof code === "string" && /^[A-Z0-9_]{1,64}$/.test(code)) return `no connection (${code})`;
  if (message?.startsWith("Socket timeout")) return "no answer in time";
  const word = errorWord(cause);
  return word === undefined ? CLOSED : `it answers ${word}`;
}

/** What became of a command. */
function outageOf(cause: unknown): Outage {
  const word = errorWord(cause);
  return word === undefined ? new Outage("away", "the store is out of reach") : new Outage("refused", `the store answers ${word}`);
}

/** WRONGTYPE, NOPERM, LOADING: the first word of a server's error; undefined for any other. */
function errorWord(cause: unknown): string | undefined {
  return cause instanceof Error && cause.name === "ReplyError" ? (/^[A-Z]{1,32}(?=\s|$)/.exec(cause.message)?.[0] ?? "ERR") : undefined;
}
