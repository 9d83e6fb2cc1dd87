import type { Client, ClientParts, Connect } from "../../../src/store/redis/client.ts";

/** A client whose connection and replies a test has in hand. */
export class ScriptedClient implements Client {
  readonly asked: (readonly [key: string, field: string])[] = [];
  reconnects = 0;
  closes = 0;
  readonly #calls: PromiseWithResolvers<Buffer | undefined>[] = [];
  #parts: ClientParts | undefined;

  readonly connect: Connect = async (_, parts) => {
    this.#parts = parts;
    return this;
  };

  readonly hget = (key: string, field: string): Promise<Buffer | undefined> => {
    this.asked.push([key, field]);
    const call = Promise.withResolvers<Buffer | undefined>();
    this.#calls.push(call);
    return call.promise;
  };
  readonly reconnect = (): void => void this.reconnects++;
  readonly close = (): void => void this.closes++;

  up(): void {
    this.#parts?.onUp();
  }
  down(why = "the connection was closed"): void {
    this.#parts?.onDown(why);
  }

  /** Answers the eldest call that waits: with a value, none, or what went wrong. */
  async answer(reply: string | undefined | Error): Promise<void> {
    const call = this.#calls.shift();
    if (reply instanceof Error) call?.reject(reply);
    else call?.resolve(reply === undefined ? undefined : Buffer.from(reply));
    for (let i = 0; i < 20; i++) await Promise.resolve();
  }
}
