import type { Headers } from "../../src/core/exchange.ts";
import { decodeProcessingRequest } from "../../src/wire/ext-proc.ts";
import { decodeHealthCheckRequest } from "../../src/wire/health.ts";
import { MalformedMessage } from "../../src/wire/malformed.ts";
import { ASKED, type Outcome } from "./reference.ts";

/** What the codec makes of the bytes, in the form of `expectedPhase`. Whatever it throws but MalformedMessage comes through. */
export const phaseOutcome = (bytes: Uint8Array): Outcome =>
  outcome(() => {
    const phase = decodeProcessingRequest(bytes);
    const { kind, observability } = phase;
    const attributes = ASKED.map((name) => phase.attributes?.text(name) ?? phase.attributes?.number(name));
    return "headers" in phase
      ? { kind, observability, attributes, endOfStream: phase.endOfStream, lines: linesOf(phase.headers) }
      : { kind, observability, attributes };
  });

/** The same in the form of `expectedService`. */
export const serviceOutcome = (bytes: Uint8Array): Outcome => outcome(() => ({ service: decodeHealthCheckRequest(bytes) }));

/** Lines read back through every method; throws when two methods differ. */
export function linesOf(headers: Headers): readonly (readonly [name: string, value: string])[] {
  const names = headers.names();
  const left = new Map(names.map((name) => [name, [...headers.all(name)]]));
  for (const [name, values] of left) if (headers.get(name) !== values[0]) throw new Error(`get and all differ about ${name}`);
  const lines = names.map((name) => [name, left.get(name)?.shift() ?? "(missing)"] as const);
  if ([...left.values()].some((values) => values.length > 0)) throw new Error("all knows more lines than names");
  return lines;
}

function outcome(decode: () => Outcome): Outcome {
  try {
    return decode();
  } catch (cause) {
    if (cause instanceof MalformedMessage) return "malformed";
    throw cause;
  }
}
