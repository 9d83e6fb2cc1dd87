import type { Line } from "../../../src/store/regions/http.ts";
import { failed, NONE, type Reply, unheard } from "../../../src/store/regions/reply.ts";

export const found = (region: string): Reply => ({ kind: "region", region });
export const none = NONE;
export const broken = failed("status 500", true);
export const silent = unheard("no answer in time");
export const garbled = failed("the answer is no JSON object");

/** A line whose answers a test gives, call by call. */
export class ScriptedLine implements Line {
  readonly ready = Promise.resolve();
  readonly asked: string[] = [];
  closed = 0;
  readonly #waiting: { readonly key: string; readonly resolve: (reply: Reply) => void }[] = [];
  #always: ((key: string) => Reply) | undefined;

  readonly ask = (key: string): Promise<Reply> => {
    this.asked.push(key);
    if (this.#always !== undefined) return Promise.resolve(this.#always(key));
    return new Promise((resolve) => this.#waiting.push({ key, resolve }));
  };

  readonly close = async (): Promise<void> => void this.closed++;

  /** The key of the call that the next answer is for. */
  get next(): string | undefined {
    return this.#waiting[0]?.key;
  }

  /** From now on every call is answered at once. */
  always(reply: Reply | ((key: string) => Reply)): this {
    this.#always = typeof reply === "function" ? reply : () => reply;
    return this;
  }

  /** Answers the eldest call that waits, and lets everybody hear of it. */
  async answer(reply: Reply): Promise<void> {
    this.#waiting.shift()?.resolve(reply);
    await settled();
  }
}

/** All promises that can go on have gone on. */
export const settled = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};
