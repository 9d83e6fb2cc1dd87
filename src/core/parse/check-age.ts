import type { Problem } from "../rules.ts";
import { find } from "./find.ts";

/** Ending a connection without losing a request takes two GOAWAYs, and grpc-js sends one: streams on their way would be lost. */
export function checkAge(document: unknown): readonly Problem[] {
  const isTwin = find(document, "listen.transport").some(({ value }) => value === "grpc-js");
  if (!isTwin) return [];
  return find(document, "listen.max_connection_age").map(({ path }) => ({
    path,
    at: "key",
    message: "max_connection_age needs transport: own; grpc-js would lose requests at the end of each connection",
  }));
}
