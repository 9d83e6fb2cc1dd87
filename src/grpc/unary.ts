import { type Keeper, statusOf } from "./call.ts";
import { type Call, Code, type Inlet, type Method } from "./types.ts";

type Unary = Extract<Method, { readonly kind: "unary" }>;

/** How a method is opened on a stream: a unary one is a stream of one message each way. */
export const opener = (method: Method): ((outlet: Keeper, call: Call) => Inlet) =>
  method.kind === "bidi" ? method.open : (outlet, call) => new UnaryInlet(method, outlet, call);

const NOT_ONE = { code: Code.unimplemented, message: "a unary call has exactly one message" };

/** Waits for the one message and the client's end, and replies. */
class UnaryInlet implements Inlet {
  readonly #method: Unary;
  readonly #outlet: Keeper;
  readonly #call: Call;
  #message: Uint8Array | undefined;

  constructor(method: Unary, outlet: Keeper, call: Call) {
    this.#method = method;
    this.#outlet = outlet;
    this.#call = call;
  }

  message(message: Uint8Array): void {
    if (this.#message === undefined) this.#message = this.#outlet.keep(message);
    else this.#outlet.end(NOT_ONE);
  }

  end(): void {
    if (this.#message === undefined) this.#outlet.end(NOT_ONE);
    else this.#handle(this.#message);
  }

  #handle(message: Uint8Array): void {
    try {
      const reply = this.#method.handle(message, this.#call);
      if (reply instanceof Promise) reply.then(this.#reply, this.#fail);
      else this.#reply(reply);
    } catch (cause) {
      this.#fail(cause);
    }
  }

  cancel(): void {} // a reply that comes later goes nowhere

  readonly #reply = (reply: Uint8Array): void => {
    this.#outlet.send(reply);
    this.#outlet.end();
  };

  readonly #fail = (cause: unknown): void => this.#outlet.end(statusOf(cause));
}
