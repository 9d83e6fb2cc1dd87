import type { Outcome } from "../core/observer.ts";
import type { Phase } from "../wire/ext-proc.ts";

/** A message that has headers. */
export type HeadersPhase = Extract<Phase, { readonly headers: unknown }>;

/** What a response's headers say of who sent it; undefined when they have no status. Throws MalformedMessage for attributes that are none. */
export function outcomeOf({ headers, attributes }: HeadersPhase, tookMs: number): Outcome | undefined {
  const status = headers.get(":status");
  if (status === undefined || !/^[1-5]\d\d$/.test(status)) return undefined;
  return {
    status: Number(status),
    isLocalReply: headers.get("x-envoy-upstream-service-time") === undefined, // Envoy's router sets it on what a target answered
    tookMs,
    attempts: attempts(attributes?.number("upstream.request_attempt_count")),
  };
}

/** Envoy counts from 1; where it says nothing, or something else, it tried once. */
const attempts = (count = 1): number => (Number.isInteger(count) && count >= 1 ? count : 1);

/** The client's address where Envoy was told to send it. Throws MalformedMessage for attributes that are none. */
export function sourceIpOf({ attributes }: HeadersPhase): string | undefined {
  const address = attributes?.text("source.address"); // 192.0.2.1:1234 or [2001:db8::1]:1234; a path for a unix socket
  const parts = address === undefined ? null : /^(?:\[([^\]]+)\]|([^:/]+)):\d+$/.exec(address);
  return parts?.[1] ?? parts?.[2];
}
