import type { Oracle } from "../core/decide.ts";
import type { Exchange } from "../core/exchange.ts";
import type { Facts, Kind, Questions } from "../core/verdict.ts";

/** A row per kind of question: who answers it, and how. A kind that nobody answers does not compile. */
export type Answers = {
  readonly [K in Kind]: (question: Questions[K], exchange: Exchange) => Facts[K] | Promise<Facts[K]>;
};

/** The one way out of core, over the answers given. */
export function createOracle(answers: Answers): Oracle {
  return (ask, exchange) => answers[ask.about](ask.question, exchange);
}
