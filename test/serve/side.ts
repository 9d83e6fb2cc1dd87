import type { Policy } from "../../src/core/decide.ts";
import { blind } from "../../src/core/observer.ts";
import type { Route } from "../../src/core/route-rules.ts";
import type { Snapshot } from "../../src/core/snapshot.ts";
import { adjust } from "../../src/core/verdict.ts";
import { Code, type Inlet, type Method, type Outlet, type Status } from "../../src/grpc/types.ts";
import { createExtProc, type ExtProcOptions, type Scene } from "../../src/serve/ext-proc.ts";
import { routeOf } from "../support/route.ts";
import { type Reply, readReply } from "../wire/messages.ts";

/** What a client of a stream has been told so far. */
export interface Heard {
  readonly sent: readonly Uint8Array[];
  readonly status: Status | undefined; // undefined: not ended
}

/** A bidi stream without a transport, which keeps what Outlet promises: nothing is sent after the end. */
export function openStream(method: Method): Inlet & { heard: Heard } {
  if (method.kind !== "bidi") throw new Error("not a stream");
  const sent: Uint8Array[] = [];
  let status: Status | undefined;
  const outlet: Outlet = {
    send: (message) => {
      if (status !== undefined) throw new Error("sent after the end");
      sent.push(message);
    },
    end: (given = { code: Code.ok, message: "" }) => {
      if (status !== undefined) throw new Error("ended twice");
      status = given;
    },
  };
  const inlet = method.open(outlet, { metadata: { get: () => undefined } });
  return {
    message: (message) => inlet.message(message),
    end: () => inlet.end(),
    cancel: () => inlet.cancel(),
    get heard() {
      return { sent, status };
    },
  };
}

export const snapshot = { version: "0123456789abcdef" } as Snapshot;

/** The scene in which nobody asks anything. */
export const scene = (...policies: readonly Policy[]): Scene => ({
  policies,
  responsePolicies: [],
  snapshot,
  oracle: () => {
    throw new Error("nobody answers");
  },
});

export const route = (onError: Route["onError"]): Route => routeOf({ target: { kind: "cluster", cluster: "home", output: {} }, onError });

/** A policy that chooses a route with this `on_error`. */
export const routed = (onError: Route["onError"]): Policy =>
  function chooseRoute() {
    return adjust({ known: { route: route(onError) } });
  };

/** An ext_proc stream in a scene, with its replies in words and what was reported as a bug. */
export function openSide(given: Scene | Partial<ExtProcOptions>) {
  const reported: unknown[] = [];
  const options = "policies" in given ? { scene: () => given } : given;
  const report = (cause: unknown) => reported.push(cause);
  const stream = openStream(
    createExtProc({ scene: () => scene(), now: () => 0, elapsed: () => 0, draw: () => 0, report, observer: blind, ...options }),
  );
  const replies = (): readonly Reply[] => stream.heard.sent.map(readReply);
  return { stream, replies, phases: () => replies().map(({ phase }) => phase), reported, status: () => stream.heard.status };
}
