import { type Decision, decide, type Oracle, type Policy } from "../core/decide.ts";
import type { Picked } from "../core/exchange.ts";
import type { Observer } from "../core/observer.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { Code, type Inlet, type Method, type Outlet, type Status } from "../grpc/types.ts";
import { decodeProcessingRequest, encodeAnswer, encodeContinue, encodeDecision, PROCESS_PATH } from "../wire/ext-proc.ts";
import { type HeadersPhase, outcomeOf, sourceIpOf } from "./observe.ts";
import { deny, isBug, type Report, rescue } from "./rescue.ts";

/** What an exchange is decided with; one a snapshot. */
export interface Scene {
  readonly policies: readonly Policy[];
  readonly snapshot: Snapshot;
  readonly oracle: Oracle;
}

export interface ExtProcOptions {
  /** The scene of now; an exchange keeps the one it began with. */
  readonly scene: () => Scene;
  readonly now: () => number; // wall clock, ms since 1970
  readonly draw: () => number; // a random uint32
  readonly report: Report;
  readonly observer: Observer; // of exchanges that want their response headers
}

/** Messages of one stream that may wait for a late decision. Envoy sends the next only after our reply; others may not. */
export const MAX_WAITING = 64;

/** Envoy's External Processing service: one stream an exchange, one reply a message, in order, whatever breaks. */
export function createExtProc(options: ExtProcOptions): Method {
  return { kind: "bidi", path: PROCESS_PATH, open: (outlet) => new Side(outlet, options) };
}

const OK: Status = { code: Code.ok, message: "" };
const NOT_UNDERSTOOD: Status = { code: Code.unimplemented, message: "a message with no phase that this server knows" };
const TOO_MANY: Status = { code: Code.resourceExhausted, message: `more than ${MAX_WAITING} messages wait for a decision` };

/** Our side of one stream. While `deciding` a late decision is awaited, and what comes meanwhile waits in line. */
class Side implements Inlet {
  readonly #outlet: Outlet;
  readonly #options: ExtProcOptions;
  #waiting: Uint8Array[] = [];
  #deciding = false;
  #halfClosed = false;
  #over = false; // nothing may be sent any more
  #decided = false; // request headers were answered, or will be before anything else is
  #observed: Picked | undefined; // what the observer waits to see the end of

  constructor(outlet: Outlet, options: ExtProcOptions) {
    this.#outlet = outlet;
    this.#options = options;
  }

  message(message: Uint8Array): void {
    if (this.#over) return;
    if (!this.#deciding) this.#take(message);
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(message);
    else this.#finish(TOO_MANY);
  }

  end(): void {
    this.#halfClosed = true;
    if (!this.#deciding) this.#finish(OK); // at once: until then the stream counts against Envoy's circuit breaker
  }

  cancel(): void {
    this.#over = true;
    this.#waiting = []; // to set its length goes through the runtime: 60 ns a stream
    this.#endObserved();
  }

  #take(message: Uint8Array): void {
    try {
      const phase = decodeProcessingRequest(message);
      if (phase.observability || phase.kind === "flow_control") return; // Envoy ignores replies, or waits for none
      if (phase.kind === "request_headers") this.#decide(phase);
      // Before the decision Envoy then does as it is configured for a broken processor, after it goes on without us.
      else if (phase.kind === "unknown") this.#finish(this.#decided ? OK : NOT_UNDERSTOOD);
      else {
        if (phase.kind === "response_headers") this.#respond(phase);
        this.#outlet.send(encodeContinue(phase.kind));
      }
    } catch (cause) {
      this.#outlet.send(this.#denial(cause));
    }
  }

  #decide(phase: HeadersPhase): void {
    this.#decided = true;
    this.#endObserved(); // another exchange on one stream, which Envoy never sends
    const { scene, now, draw } = this.#options;
    const { policies, snapshot, oracle } = scene();
    const exchange = { headers: phase.headers, known: {}, sourceIp: sourceIpOf(phase), atMs: now(), chance: draw() };
    const decision = decide(policies, exchange, snapshot, oracle);
    if (decision instanceof Promise) {
      this.#deciding = true;
      void decision.then((late) => this.#settle(late));
    } else {
      this.#outlet.send(this.#encode(decision));
    }
  }

  #settle(decision: Decision): void {
    this.#deciding = false;
    if (this.#over) return;
    this.#outlet.send(this.#encode(decision));
    while (!this.#deciding && !this.#over) {
      const message = this.#waiting.shift();
      if (message === undefined) break;
      this.#take(message);
    }
    if (this.#halfClosed && !this.#deciding) this.#finish(OK);
  }

  #encode(decision: Decision): Uint8Array {
    const { broken } = decision;
    try {
      if (broken === undefined) {
        const reply = encodeDecision(decision);
        if (decision.wants.responseHeaders) this.#observe(decision);
        return reply;
      }
      if (isBug(broken.cause)) this.#options.report(broken.cause);
      return encodeDecision(rescue(decision));
    } catch (cause) {
      return this.#denial(cause);
    }
  }

  /** Of an exchange that goes to its target. One that broke goes elsewhere, if at all. */
  #observe({ answer, exchange: { known } }: Decision): void {
    if (answer !== undefined || known.picked === undefined) return;
    this.#observed = known.picked;
    this.#options.observer.begin(known.picked);
  }

  #respond(phase: HeadersPhase): void {
    const picked = this.#observed;
    if (picked === undefined) return;
    this.#endObserved(); // first: whatever breaks below, it is counted no more
    const outcome = outcomeOf(phase);
    if (outcome !== undefined) this.#options.observer.respond(picked, outcome, this.#options.now());
  }

  #endObserved(): void {
    const picked = this.#observed;
    if (picked === undefined) return;
    this.#observed = undefined;
    this.#options.observer.end(picked);
  }

  /** For bytes that could not be decoded, and a decision that could not be encoded. */
  #denial(cause: unknown): Uint8Array {
    if (isBug(cause)) this.#options.report(cause);
    return encodeAnswer(deny(cause));
  }

  #finish(status: Status): void {
    if (this.#over) return;
    this.cancel();
    this.#outlet.end(status);
  }
}
