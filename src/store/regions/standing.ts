import type { Reply } from "./reply.ts";

/** How long a service has to be without a failure before it counts as answering again: one bad key among good ones is one line. */
export const CALM_MS = 5_000;

/** Whether a service answers, said when it changes. */
export interface Standing {
  readonly isAnswering: boolean;
  readonly why: string | undefined; // of the failure
}

/** Makes two states of many replies. */
export class StandingWatch {
  readonly #now: () => number;
  readonly #report: (standing: Standing) => void;
  #isAnswering = true; // until proven otherwise
  #failedMs = 0;

  constructor(now: () => number, report: (standing: Standing) => void) {
    this.#now = now;
    this.#report = report;
  }

  hear(reply: Reply): void {
    if (reply.kind === "failed") {
      this.#failedMs = this.#now();
      if (this.#isAnswering) this.#change(false, reply.why);
    } else if (!this.#isAnswering && this.#now() - this.#failedMs >= CALM_MS) {
      this.#change(true, undefined);
    }
  }

  #change(isAnswering: boolean, why: string | undefined): void {
    this.#isAnswering = isAnswering;
    this.#report({ isAnswering, why });
  }
}
