import { type Decision, decide, type Oracle, type Policy } from "../core/decide.ts";
import type { Observer } from "../core/observer.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { Code, type Inlet, type Method, type Outlet, type Status } from "../grpc/types.ts";
import { decodeProcessingRequest, encodeAnswer, encodeContinue, encodeDecision, encodeResponse, PROCESS_PATH } from "../wire/ext-proc.ts";
import { type HeadersPhase, outcomeOf, sourceIpOf } from "./observe.ts";
import { deny, isBug, type Report, rescue } from "./rescue.ts";

/** What an exchange is decided with; one a snapshot. */
export interface Scene {
  readonly policies: readonly Policy[]; // for requests
  readonly responsePolicies: readonly Policy[]; // for responses whose headers are looked at
  readonly snapshot: Snapshot;
  readonly oracle: Oracle;
}

export interface ExtProcOptions {
  /** The scene of now; an exchange keeps the one it began with. */
  readonly scene: () => Scene;
  readonly now: () => number; // wall clock, ms since 1970
  readonly draw: () => number; // a random uint32
  readonly elapsed: () => number; // ms of a steady clock, in fractions
  readonly report: Report;
  readonly observer: Observer;
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

/** An exchange that was let through, and whose response is looked at. */
interface Passed {
  readonly decision: Decision;
  readonly scene: Scene; // the one it was decided in
  readonly sentAtMs: number; // as `elapsed`
}

/** Our side of one stream. While `deciding` a late decision is awaited, and what comes meanwhile waits in line. */
class Side implements Inlet {
  readonly #outlet: Outlet;
  readonly #options: ExtProcOptions;
  #waiting: Uint8Array[] = [];
  #deciding = false;
  #halfClosed = false;
  #over = false; // nothing may be sent any more
  #decided = false; // request headers were answered, or will be before anything else is
  #passed: Passed | undefined; // the exchange whose response is waited for

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
    this.#endPassed();
  }

  #take(message: Uint8Array): void {
    try {
      const phase = decodeProcessingRequest(message);
      if (phase.observability || phase.kind === "flow_control") return; // Envoy ignores replies, or waits for none
      if (phase.kind === "request_headers") this.#decide(phase);
      // Before the decision Envoy then does as it is configured for a broken processor, after it goes on without us.
      else if (phase.kind === "unknown") this.#finish(this.#decided ? OK : NOT_UNDERSTOOD);
      else if (phase.kind === "response_headers") this.#respond(phase);
      else this.#outlet.send(encodeContinue(phase.kind));
    } catch (cause) {
      this.#outlet.send(this.#denial(cause));
    }
  }

  #decide(phase: HeadersPhase): void {
    this.#decided = true;
    this.#endPassed(); // another exchange on one stream, which Envoy never sends
    const { now, draw } = this.#options;
    const scene = this.#options.scene();
    const exchange = { headers: phase.headers, known: {}, sourceIp: sourceIpOf(phase), atMs: now(), chance: draw() };
    const decision = decide(scene.policies, exchange, scene.snapshot, scene.oracle);
    if (decision instanceof Promise) this.#await(decision, (late) => this.#encode(late, scene));
    else this.#outlet.send(this.#encode(decision, scene));
  }

  #await(decision: Promise<Decision>, encode: (late: Decision) => Uint8Array): void {
    this.#deciding = true;
    void decision.then((late) => {
      this.#deciding = false;
      if (this.#over) return;
      this.#outlet.send(encode(late));
      this.#goOn();
    });
  }

  /** With what has come meanwhile. */
  #goOn(): void {
    while (!this.#deciding && !this.#over) {
      const message = this.#waiting.shift();
      if (message === undefined) break;
      this.#take(message);
    }
    if (this.#halfClosed && !this.#deciding) this.#finish(OK);
  }

  #encode(decision: Decision, scene: Scene): Uint8Array {
    const { broken } = decision;
    const { observer, report } = this.#options;
    try {
      if (broken !== undefined) {
        if (isBug(broken.cause)) report(broken.cause);
        const rescued = rescue(decision);
        observer.decided(rescued);
        return encodeDecision(rescued);
      }
      observer.decided(decision);
      const reply = encodeDecision(decision);
      if (decision.wants.responseHeaders && decision.answer === undefined) this.#pass(decision, scene);
      return reply;
    } catch (cause) {
      return this.#denial(cause);
    }
  }

  /** Of an exchange that goes on. One that broke goes elsewhere, if at all. */
  #pass(decision: Decision, scene: Scene): void {
    const { observer, elapsed } = this.#options;
    this.#passed = { decision, scene, sentAtMs: elapsed() };
    observer.begin(decision.exchange.known);
  }

  #respond(phase: HeadersPhase): void {
    const passed = this.#passed;
    if (passed === undefined) {
      this.#outlet.send(encodeContinue("response_headers"));
      return;
    }
    this.#endPassed(); // first: whatever breaks below, it is counted no more
    const { decision, scene, sentAtMs } = passed;
    const { observer, elapsed, now } = this.#options;
    const { exchange, snapshot } = decision;
    const outcome = outcomeOf(phase, elapsed() - sentAtMs);
    if (outcome !== undefined) observer.respond(exchange.known, outcome, now());
    const response = decide(scene.responsePolicies, exchange, snapshot, scene.oracle);
    if (response instanceof Promise) this.#await(response, (late) => this.#encodeResponse(late));
    else this.#outlet.send(this.#encodeResponse(response));
  }

  /** The target has done its work: where a policy breaks, its response goes to the client as it is. */
  #encodeResponse({ broken, edits }: Decision): Uint8Array {
    try {
      if (broken === undefined) return encodeResponse(edits);
      if (isBug(broken.cause)) this.#options.report(broken.cause);
    } catch (cause) {
      if (isBug(cause)) this.#options.report(cause);
    }
    return encodeContinue("response_headers");
  }

  #endPassed(): void {
    const passed = this.#passed;
    if (passed === undefined) return;
    this.#passed = undefined;
    this.#options.observer.end(passed.decision.exchange.known);
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
