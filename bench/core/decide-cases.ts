import { type Decision, decide } from "../../src/core/decide.ts";
import { createHeaders, type Headers } from "../../src/core/exchange.ts";
import { parseRules } from "../../src/core/parse-rules.ts";
import { requestPolicies } from "../../src/core/policies.ts";
import { Snapshot } from "../../src/core/snapshot.ts";
import { quietLive } from "../../src/store/live.ts";
import { createOracle } from "../../src/store/oracle.ts";
import { quietRegion } from "../../src/store/regions.ts";
import { decodeProcessingRequest, encodeDecision } from "../../src/wire/ext-proc.ts";
import { CUSTOMERS } from "../load/customers.ts";
import { riffleYaml } from "../servers.ts";
import { type Case, caseOver } from "./case.ts";
import { headerLines, requestMessages } from "./sample.ts";

/** Deciding with the real policies; codecs; and both, which is all of riffle but the transport. */
export function decideCases(): readonly Case[] {
  const messages = requestMessages();
  const requests = CUSTOMERS.map((customer) => createHeaders(headerLines(customer)));
  const decideNow = createDecider();
  const decisions = requests.map(decideNow);
  const stripped = decisions.map((decision) => ({ ...decision, edits: [{ name: "x-forged", value: undefined }, ...decision.edits] }));
  return [
    caseOver("decide, typical request", requests, (headers) => decideNow(headers).edits.length, 2_000),
    caseOver("decode a request", messages, (message) => decodeProcessingRequest(message).kind.length),
    caseOver("decode it and read three headers", messages, readHeaders),
    caseOver("encode a decision, its reply ready", decisions, (decision) => encodeDecision(decision).length),
    caseOver("encode a decision of two changes", stripped, (decision) => encodeDecision(decision).length),
    caseOver("decode, decide, encode", messages, (message) => encodeDecision(decideNow(headersOf(message))).length),
  ];
}

/** What policies ask of every request. */
function readHeaders(message: Uint8Array): number {
  const headers = headersOf(message);
  let chars = 0;
  for (const name of [":authority", ":path", "x-customer-id"]) chars += headers.get(name)?.length ?? 0;
  return chars;
}

function headersOf(message: Uint8Array): Headers {
  const phase = decodeProcessingRequest(message);
  if (phase.kind !== "request_headers") throw new Error(`request headers became ${phase.kind}`);
  return phase.headers;
}

/** Decides as `riffle serve` does, by numbers that stand for chance without its cost. */
function createDecider(): (headers: Headers) => Decision {
  const snapshot = benchSnapshot();
  const oracle = createOracle({ live: quietLive, region: quietRegion });
  let chance = 0;
  return (headers) => {
    chance = (chance + 0x9e3779b9) >>> 0;
    const decision = decide(requestPolicies, { headers, known: {}, atMs: 0, chance }, snapshot, oracle);
    if (decision instanceof Promise) throw new Error("a typical request had to wait for a fact");
    return decision;
  };
}

/** The rules that riffle has in `npm run bench`. */
function benchSnapshot(): Snapshot {
  const ports = Array.from({ length: 8 }, (_, index) => 7001 + index);
  const parsed = parseRules(JSON.parse(riffleYaml(ports, {})), "/");
  if ("problems" in parsed) throw new Error(parsed.problems.map(({ message }) => message).join("\n"));
  return new Snapshot(parsed.rules);
}
