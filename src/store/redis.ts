import { Outage } from "../core/outage.ts";
import type { RedisRules } from "../core/rules.ts";
import { type Client, type Connect, connectRedis } from "./redis/client.ts";
import { Reach, type Standing } from "./redis/reach.ts";

/** Nothing waits longer for an answer. */
export const WAIT_MS = 25;

/** Commands with the server at one time, those that nobody waits for any more included. */
export const MAX_IN_FLIGHT = 1_024;

/** Calls in a row that were late, with no reply in between: the connection hangs, and another is made. */
export const MAX_LATE = 3;

/** For how long the first connection is waited for before riffle serves without. */
export const FIRST_MS = 250;

/** A Redis as the rest of riffle sees it. Keys and fields are ASCII; what comes back is bytes, unread. */
export interface RedisPort {
  /** Settled once the first connection is there, or has failed, or is slow: nothing but the server is waited for then. */
  readonly ready: Promise<void>;
  /** The value of a hash's field; undefined: there is none. Settles within WAIT_MS; rejects with Outage alone. */
  hget(key: string, field: string): Promise<Buffer | undefined>;
  /** Lets calls under way finish, takes no more, and closes the connection. */
  close(): Promise<void>;
}

export interface RedisParts {
  readonly name: string; // seen in CLIENT LIST
  readonly draw: () => number; // a number in [0, 1)
  /** Once when the server stops answering, and once when it answers again. */
  readonly report: (standing: Standing) => void;
  readonly connect?: Connect; // absent: ioredis
}

/** Opens a connection of its own; one that is lost, or never was there, is tried again for ever. */
export function openRedis(rules: RedisRules, parts: RedisParts): RedisPort {
  return new Link(rules, parts);
}

class Link implements RedisPort {
  readonly ready: Promise<void>;
  readonly #client: Promise<Client>;
  readonly #reach: Reach;
  readonly #calls = new Set<Promise<unknown>>(); // that somebody waits for
  #connected: Client | undefined;
  #inFlight = 0;
  #late = 0;

  constructor(rules: RedisRules, { name, draw, report, connect = connectRedis }: RedisParts) {
    const first = Promise.withResolvers<void>();
    this.#reach = new Reach(report);
    this.#client = connect(rules, {
      name,
      draw,
      onUp: () => {
        this.#late = 0;
        this.#reach.up();
        first.resolve();
      },
      onDown: (why) => {
        this.#reach.down(why);
        first.resolve();
      },
    });
    this.ready = this.#client.then((client) => {
      this.#connected = client;
      return Promise.race([first.promise, atMost(FIRST_MS)]);
    });
  }

  hget(key: string, field: string): Promise<Buffer | undefined> {
    return this.#call((client) => client.hget(key, field));
  }

  async close(): Promise<void> {
    const client = await this.#client;
    this.#connected = undefined;
    await Promise.allSettled(this.#calls);
    this.#reach.close();
    client.close();
  }

  /** Makes one call with a deadline. The client's own promise goes on until the reply is there or the connection gone. */
  async #call<T>(command: (client: Client) => Promise<T>): Promise<T> {
    if (this.#connected === undefined || !this.#reach.isUp) throw new Outage("away", "the store is out of reach");
    if (this.#inFlight >= MAX_IN_FLIGHT) throw new Outage("away", "the store has too much to answer");
    const call = Promise.withResolvers<T>();
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      call.reject(new Outage("late", "no answer in time"));
      this.#miss();
    }, WAIT_MS);
    const land = (isReply: boolean): void => {
      clearTimeout(timer);
      this.#inFlight--;
      if (isReply) this.#late = 0;
      if (isReply && !isLate) this.#reach.hit();
    };
    this.#inFlight++;
    command(this.#connected).then(
      (value) => {
        land(true);
        call.resolve(value);
      },
      (cause: unknown) => {
        land(cause instanceof Outage && cause.code !== "away");
        call.reject(cause);
      },
    );
    this.#calls.add(call.promise);
    return call.promise.finally(() => this.#calls.delete(call.promise));
  }

  #miss(): void {
    this.#reach.miss();
    if (!this.#reach.isUp || ++this.#late < MAX_LATE || this.#connected === undefined) return;
    this.#late = 0;
    this.#reach.down("no answer in time");
    this.#connected.reconnect();
  }
}

function atMost(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
