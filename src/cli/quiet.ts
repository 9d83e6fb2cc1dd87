import type { Method } from "../grpc/types.ts";

/** A method that counts the streams it opens. */
export interface Counted {
  readonly method: Method;
  opened(): number;
}

/** The same bidirectional method, counted. */
export function countStreams(method: Method): Counted {
  if (method.kind === "unary") throw new TypeError("a unary method opens no streams");
  let opened = 0;
  const open: typeof method.open = (outlet, call) => {
    opened++;
    return method.open(outlet, call);
  };
  return { method: { ...method, open }, opened: () => opened };
}

// Envoy asks twice before it believes that we are not serving; one interval more for the answer that was on its way.
const LEAST_INTERVALS = 3;
// An Envoy that checks nobody's health never stops; sooner or later GOAWAY has to tell it.
const MOST_INTERVALS = 15;

/**
 * Resolves when the Envoys have noticed that health says NOT_SERVING: some check intervals later, and not before one has passed in
 * which no stream was opened. On a busy machine they notice late, and who hears GOAWAY before that loses requests. `interval` waits
 * for one.
 */
export async function untilQuiet(opened: () => number, interval: () => Promise<void>): Promise<void> {
  for (let intervals = 0, before = -1; intervals < MOST_INTERVALS; intervals++) {
    if (intervals >= LEAST_INTERVALS && opened() === before) return;
    before = opened();
    await interval();
  }
}
