import type { Decision } from "../core/decide.ts";
import { Outage } from "../core/outage.ts";
import { type Answer, answer } from "../core/verdict.ts";
import { MalformedMessage } from "../wire/malformed.ts";

/** Hears of every bug, so that it gets its one log line with a stack. Must not throw. */
export type Report = (cause: unknown) => void;

/** The refusal for what broke: 503, and a word on what kind of thing it was. Never throws. */
export const deny = (cause: unknown): Answer => answer(503, kindOf(cause));

function kindOf(cause: unknown): string {
  if (cause instanceof Outage) return `outage ${cause.code}`;
  return cause instanceof MalformedMessage ? "malformed message" : "bug";
}

/** True for what only a change of riffle's code mends: neither a dependency that is down nor a peer's bad bytes. */
export const isBug = (cause: unknown): boolean => !(cause instanceof Outage || cause instanceof MalformedMessage);

/**
 * A broken decision in, one to encode out: the route's `on_error` where it may be heard, else deny. Never throws.
 * Before a route is chosen nobody knows what would be let through, so the verdict is deny.
 */
export function rescue(decision: Decision): Decision {
  const { route } = decision.exchange.known;
  if (route === undefined || route.onError === "deny") return { ...decision, answer: deny(decision.broken?.cause) };
  const { edits = [], metadata = [] } = route.onError; // allow: none; default_target: its output
  return { ...decision, edits: [...decision.edits, ...edits], metadata: [...decision.metadata, ...metadata] };
}
